import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, SendOptions } from '@aauth-stack/a2a/client';
import type { WorkOptions } from '@aauth-stack/aauth/agent';
import { openDatabase } from '@aauth-stack/service/database';
import { captureLog, createTestDatabase } from '@aauth-stack/service/testing';
import * as schema from '../src/db/schema.ts';
import { createRunStore } from '../src/runs/run-store.ts';
import { createRunner, type Runner, type RunnerOptions } from '../src/runs/runner.ts';
import { startRequestSchema } from '../src/runs/start-request.ts';
import { guest } from '../src/sign-in/user.ts';

/** Stands in for the supply-chain agent. */
export type SendForRun = (text: string, options: SendOptions | undefined, work: WorkOptions) => Promise<Reply>;

export const identifiers = { allowLoopback: true };
export const personServerUrl = 'http://person-server.localhost:8765';

const enrolled = { state: 'enrolled', detail: 'enrolled' } as const;

/** Runs in a database of their own, and what carries them out; a test plays the supply-chain agent. */
export async function startRuns() {
  const testDatabase = await createTestDatabase();
  const { log } = captureLog();
  const migrationsFolder = new URL('../src/db/migrations', import.meta.url).pathname;
  const database = await openDatabase({
    url: testDatabase.url,
    schema,
    migrationsFolder,
    applicationName: 'test',
    log,
  });
  const store = createRunStore(database, () => new Date());
  const own = store.of(guest.owner);
  const runners: Runner[] = [];
  const pauses: number[] = [];

  async function progressWhile(requestId: string, ...statuses: string[]) {
    for (;;) {
      const progress = await own.progress(requestId);
      if (progress && statuses.includes(progress.status)) return progress;
      await sleep(10);
    }
  }

  return {
    store,
    own,
    /** How long runners paused, in seconds. */
    pauses,

    runnerWith(
      send: SendForRun,
      session: Partial<RunnerOptions['session']> = {},
      timeouts: Partial<Pick<RunnerOptions, 'agentTimeoutMs' | 'enrolmentTimeoutMs'>> = {},
    ): Runner {
      const runner = createRunner({
        store,
        session: { ready: Promise.resolve(), status: () => enrolled, ...session },
        clientFor: (work) => ({ send: (text, options) => send(text, options, work) }),
        identifiers,
        authCallback: new URL('http://localhost:8000/auth-callback'),
        agentName: 'Backend App',
        personServer: personServerUrl,
        portal: `${personServerUrl}/ui`,
        log,
        now: () => new Date(),
        sleep: async (seconds) => void pauses.push(seconds),
        agentTimeoutMs: 60_000,
        enrolmentTimeoutMs: 60_000,
        ...timeouts,
      });
      runners.push(runner);
      return runner;
    },

    async newRun() {
      const run = { requestId: crypto.randomUUID(), owner: guest.owner, message: 'perform market analysis.' };
      await store.create({ ...run, request: startRequestSchema.parse({}), traceParent: null });
      return run;
    },

    /** Waits until a run is in one of these states. */
    progressWhile,

    /** Waits until a run has ended. */
    ended: (requestId: string) => progressWhile(requestId, 'completed', 'failed'),

    async close() {
      await Promise.all(runners.map((runner) => runner.close()));
      await database.close();
      await testDatabase.drop();
    },
  };
}

/** Waits until it is told to stop. */
export function rejectedBy(signal: AbortSignal | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal?.aborted) reject(signal.reason);
  signal?.addEventListener('abort', () => reject(signal.reason));
  return promise;
}
