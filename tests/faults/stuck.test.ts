import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { answers } from '../../scripts/src/wait-for.ts';
import { until } from '../support/until.ts';
import { fault } from './support/fault.ts';
import { signalPostgres } from './support/processes-of.ts';
import { identities } from './support/records.ts';
import { outcomeOf, since } from './support/run.ts';
import { type Stack, serviceNames, startStack } from './support/stack.ts';
import { healthOf, startedRun, tryToStartRun } from './support/started-run.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack('mode3', { environment: { 'resource-proxy': { UPSTREAM_TIMEOUT: '20' } } });
});
afterAll(() => stack?.stop());

const run = async () => outcomeOf(await startedRun());

/** Does something while a service stands still. */
async function whileFrozen<Result>(name: (typeof serviceNames)[number], work: () => Promise<Result>): Promise<Result> {
  stack.service(name).freeze();
  try {
    return await work();
  } finally {
    stack.service(name).thaw();
  }
}

fault(
  'a Person Server whose answer is long in coming',
  'everybody else is served meanwhile; the run that waits for it completes',
  async () => {
    const held = stack.gate('person-server').hold(({ kind, path }) => kind === 'answer' && path === '/auth-token');
    const requestId = await startedRun();
    const { release } = await held;
    for (const name of serviceNames) expect([name, await healthOf(stack.service(name).health)]).toEqual([name, 200]);
    release();
    const outcome = await outcomeOf(requestId);
    expect(outcome).toBe('completed');
    return outcome;
  },
);

fault('an Agent Provider that stands still', 'agents that have tokens do not notice', async () => {
  const outcome = await whileFrozen('agent-provider', run);
  expect(outcome).toBe('completed');
  return outcome;
});

fault(
  'an agent that stands still, with UPSTREAM_TIMEOUT=20',
  'the run fails and says why; once it goes on, the next run completes',
  async () => {
    const started = performance.now();
    const outcome = await whileFrozen('market-analysis-agent', run);
    const took = since(started);
    expect(outcome).toMatch(/^failed: \S/);
    expect(await run()).toBe('completed');
    return `“${outcome}” after ${took}; the next completed`;
  },
);

fault(
  'a Person Server that stands still when tokens are needed',
  'the run fails and says who cannot be reached; once it goes on, runs complete again',
  async () => {
    // A new process has no tokens.
    await stack.kill('backend');
    await stack.revive('backend');
    await until('the backend to be enrolled', () => answers(`${stack.service('backend').health}/readyz`));
    const started = performance.now();
    const outcome = await whileFrozen('person-server', run);
    const took = since(started);
    expect(outcome).toMatch(/^failed: temporarily_unavailable: .*person-server/);
    // Whoever could not reach it asks again after some seconds.
    await until('a run to complete', async () => (await run()) === 'completed');
    return `“${outcome}” after ${took}; completed afterwards`;
  },
);

fault(
  'a PostgreSQL that stands still',
  'every service says 503 of its health, and the backend to who starts a run, instead of waiting with it; once it goes on everything does, and nothing is lost',
  async () => {
    const before = await identities();
    const data = join(stack.directory, 'postgres');
    const stateful = ['agent-provider', 'person-server', 'resource-proxy', 'inventory-mcp', 'backend'] as const;
    const healthOfAll = () => Promise.all(stateful.map((name) => healthOf(stack.service(name).health)));
    const happened: string[] = [];
    signalPostgres(data, 'SIGSTOP');
    try {
      const started = performance.now();
      // Two seconds and ten, on a machine that has nothing else to do.
      expect(await healthOfAll()).toEqual(stateful.map(() => 503));
      happened.push(`503 of health after ${since(started)}`);
      expect(await tryToStartRun(AbortSignal.timeout(60_000))).toEqual({ status: 503, retryAfter: true });
      happened.push(`of a run after ${since(started)}`);
    } finally {
      signalPostgres(data, 'SIGCONT');
    }
    const resumed = performance.now();
    await until('the services to be healthy', async () => (await healthOfAll()).every((status) => status === 200));
    happened.push(`healthy ${since(resumed)} after it went on`);
    expect(await run()).toBe('completed');
    expect(await identities()).toEqual(before);
    return happened.join(', ');
  },
);
