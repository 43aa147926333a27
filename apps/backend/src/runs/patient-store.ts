import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import type { RunStore } from './run-store.ts';

/** What is written down of a run while it is carried out. */
export type RunRecord = Pick<RunStore, 'step' | 'wait' | 'complete' | 'fail' | 'addActivity'>;

const againMs = 1000;

/** Writes down as soon as the database is there: what agents and people have done meanwhile is not lost. */
export function createPatientStore(
  store: RunRecord,
  { signal, log }: { signal: AbortSignal; log: Pick<Logger, 'warn'> },
): RunRecord {
  async function patiently<Result>(change: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await change();
      } catch (error) {
        if (!isUnavailable(error) || signal.aborted) throw error;
        log.warn({ err: error }, 'the database is not answering; a run is recorded when it does');
        await sleep(againMs, undefined, { signal });
      }
    }
  }

  return {
    step: (...what) => patiently(() => store.step(...what)),
    wait: (...what) => patiently(() => store.wait(...what)),
    complete: (...what) => patiently(() => store.complete(...what)),
    fail: (...what) => patiently(() => store.fail(...what)),
    addActivity: (...what) => patiently(() => store.addActivity(...what)),
  };
}
