import type { InteractionLink } from '@aauth-stack/aauth/agent';
import type { Logger } from '@aauth-stack/service/logger';
import type { RunStore } from './run-store.ts';

const self = 'supply-chain-backend';
const delegation = { sub: 'guest', aud: 'a2a-agent', scope: 'supply-chain:optimize', act: null };
const working = 'The supply-chain agent is working';
const start = 25;
const perStatus = 20;
const most = 80;

/** Writes down how a run goes while the agents are at work, in the order in which it is told. */
export interface RunProgress {
  /** The supply-chain agent says what it does. */
  tell(text: string): void;
  askPerson(link: InteractionLink): void;
  awaitApproval(server: string): void;
  noteAnswer(question: string, answer: string): void;
  /** Nobody is waited for any more. */
  goOn(): void;
  /** Resolves when everything is written. */
  written(): Promise<void>;
}

export function createRunProgress(store: RunStore, requestId: string, log: Logger): RunProgress {
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
    askPerson({ url, code }) {
      const step = `Waiting for you to decide: open the link and compare the code ${code}`;
      write(() => store.wait(requestId, 'interaction_required', step, { url, code }));
    },
    awaitApproval(server) {
      write(() => store.wait(requestId, 'approval_pending', `Waiting for an approval at ${server}`));
    },
    noteAnswer(question, answer) {
      const details = `Asked: ${question}\n\nAnswered: ${answer}`;
      write(() =>
        store.addActivity(requestId, {
          agent: self,
          action: 'clarification',
          delegation,
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
