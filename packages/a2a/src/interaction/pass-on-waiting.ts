import type { AgentEvent } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import type { Pending } from '@aauth-stack/aauth/deferred';
import type { HeldCall } from '@aauth-stack/aauth/resource';
import type { Patience } from '../client/patience.ts';
import type { AnswerLater } from '../server/deferral.ts';
import type { InteractionRelay } from './interaction-relay.ts';

export interface WaitingOptions {
  answerLater: AnswerLater;
  relay: InteractionRelay;
  patience: Patience;
  /** How long the work itself may take, in milliseconds. */
  timeoutMs: number;
}

export interface PassedOnWaiting {
  onEvent(event: AgentEvent): void;
  /** Says that nothing is waited for any more, whatever the last event was. */
  end(): void;
}

// Where the server that is waited for does not say how long it keeps a request.
const usualWait = 600;
const margin = 30;

/**
 * Makes the caller of this agent wait where this agent's own call has to (AAuth Protocol, "Interaction Chaining"): the caller is told
 * to come back, and how the person gets to the decision. The time that others take is not this agent's.
 */
export function passOnWaiting({ answerLater, relay, patience, timeoutMs }: WaitingOptions): PassedOnWaiting {
  let held: HeldCall | undefined;
  let isAsking = false;

  function wait(pending: Pending): void {
    patience.pause();
    held = answerLater.hold();
    if (!held) return;
    const interaction = relay.ask(held, pending);
    isAsking ||= interaction !== undefined;
    // While the person has questions for this agent, their way to the decision stays as it is.
    const requirement = interaction ?? (isAsking ? undefined : { requirement: 'approval' as const });
    const until = (pending.expiresAt ?? systemClock() + usualWait) + timeoutMs / 1000 + margin;
    if (requirement) held.require(requirement, until);
  }

  function end(): void {
    patience.resume();
    isAsking = false;
    held?.require(undefined);
    if (held) relay.settle(held.id);
  }

  return {
    onEvent(event) {
      if (event.type === 'deferred') wait(event.pending);
      if (event.type === 'settled') end();
    },
    end,
  };
}
