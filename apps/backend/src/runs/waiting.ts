import { explainCall, type Patience } from '@aauth-stack/a2a/client';
import { type AgentEvent, type DeferredEvent, interactionLink, type WorkOptions } from '@aauth-stack/aauth/agent';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { RunProgress } from './progress.ts';

export interface WaitingOptions {
  requestId: string;
  /** The words that the supply-chain agent is asked in. */
  message: string;
  progress: RunProgress;
  patience: Patience;
  identifiers: IdentifierPolicy;
  /** Where the person is sent back to after a decision. */
  authCallback: URL;
  /** Where the person sees what waits for them at a person server, if that is known. */
  portalOf(server: string): string | undefined;
}

/**
 * What the backend does while a run waits for a person: shows where to decide, answers what the person asks from the words of the run,
 * and lets the person take their time.
 */
export function workOfRun(options: WaitingOptions): WorkOptions {
  const { requestId, message, progress, patience, identifiers, authCallback, portalOf } = options;
  const callback = new URL(authCallback);
  callback.searchParams.set('request_id', requestId);

  function wait({ pending, server }: DeferredEvent): void {
    patience.pause();
    const link = interactionLink(pending, { identifiers, callback: callback.href });
    const until = pending.expiresAt === undefined ? undefined : new Date(pending.expiresAt * 1000);
    if (link) progress.askPerson(link, until);
    // A question is for the backend; where the person decides stays shown.
    else if (pending.requirement?.requirement === 'approval') {
      const url = portalOf(server);
      progress.awaitApproval(server, url === undefined ? undefined : { url }, until);
    } else if (!pending.requirement) progress.goOn();
  }

  return {
    capabilities: ['interaction', 'clarification'],
    ...explainCall(message, 'to have the supply-chain agent work on it'),
    onEvent(event: AgentEvent) {
      if (event.type === 'deferred') wait(event);
      if (event.type === 'clarified' && event.reply.action === 'answer') {
        progress.noteAnswer(event.question, event.reply.answer);
      }
      if (event.type === 'settled') {
        patience.resume();
        progress.goOn();
      }
    },
  };
}
