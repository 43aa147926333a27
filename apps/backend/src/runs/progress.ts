import type { InteractionLink } from '@aauth-stack/aauth/agent';
import type { Logger } from '@aauth-stack/service/logger';
import { delegationOf } from './delegation.ts';
import type { RunRecord } from './patient-store.ts';

const self = 'supply-chain-backend';
const working = 'The supply-chain agent is working';
const start = 25;
const perStatus = 20;
const most = 80;

/** Writes down how a run goes while the agents are at work, in the order in which it is told. */
export interface RunProgress {
  /** The supply-chain agent says what it does. */
  tell(text: string): void;
  askPerson(link: InteractionLink, until: Date | undefined): void;
  /** @param link where the person gives it, if that is known */
  awaitApproval(server: string, link: { url: string } | undefined, until: Date | undefined): void;
  noteAnswer(question: string, answer: string): void;
  /** Nobody is waited for any more. */
  goOn(): void;
  /** Resolves when everything is written. */
  written(): Promise<void>;
}

export function createRunProgress(
  store: RunRecord,
  { requestId, owner }: { requestId: string; owner: string },
  log: Logger,
): RunProgress {
  let percentage = start;
  let last = Promise.resolve();

  function write(change: () => Promise<void>): void {
    last = last.then(change).catch((error: unknown) => {
      log.warn({ err: error, request_id: requestId }, 'progress could not be recorded');
    });
  }

  return {
    tell(text) {
      percentage = Math.min(most, percentage + perStatus);
      const now = percentage;
      write(() => store.step(requestId, now, text));
    },
    askPerson(link, until) {
      const step = `Waiting for you to decide: open the link and compare the code ${link.code}`;
      write(() => store.wait(requestId, { status: 'interaction_required', step, link, until }));
    },
    awaitApproval(server, link, until) {
      const step = `Waiting for an approval at ${server}`;
      write(() => store.wait(requestId, { status: 'approval_pending', step, ...(link && { link }), until }));
    },
    noteAnswer(question, answer) {
      const details = `Asked: ${question}\n\nAnswered: ${answer}`;
      write(() =>
        store.addActivity(requestId, {
          agent: self,
          action: 'clarification',
          delegation: delegationOf(owner),
          status: 'completed',
          details,
        }),
      );
    },
    goOn() {
      write(() => store.step(requestId, percentage, working));
    },
    written: () => last,
  };
}
