import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import { startRun } from '../support/backend.ts';
import { until } from '../support/until.ts';
import { fault } from './support/fault.ts';
import { outcomeOf } from './support/run.ts';
import { type ServiceName, type Stack, serviceNames, startStack } from './support/stack.ts';

/** Long, so that a slow machine does not cut what would have ended by itself. */
const patience = { STOP_TIMEOUT: '120' };
let stack: Stack;
beforeAll(async () => {
  stack = await startStack('mode1', { environment: Object.fromEntries(serviceNames.map((name) => [name, patience])) });
});
afterAll(() => stack?.stop());

const mustHappen = 'takes no more requests, finishes that one, ends with 0';

/**
 * Has everybody wait for a table, asks a service to end once somebody does, and lets them go on when it takes no more requests.
 *
 * @param ask begins the request that has to wait
 * @returns what `ask` gave
 */
async function drain<Asked>(
  { name, port, database, table }: { name: ServiceName; port: number; database: string; table: string },
  ask: () => Asked,
): Promise<Asked> {
  const service = stack.service(name);
  const unlock = await stack.postgres.lock(database, table);
  try {
    const asked = ask();
    await waitedFor(database);
    const ended = service.terminate();
    await until(`${name} to refuse connections`, () => isRefused(port));
    expect(service.isRunning(), `${name} waits: ${service.log().slice(-1000)}`).toBe(true);
    await unlock();
    expect(await ended).toBe(0);
    return asked;
  } finally {
    await unlock();
    if (!service.isRunning()) await service.start();
  }
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

/** Waits until somebody waits for a table. */
function waitedFor(database: string): Promise<unknown> {
  const query = `select 1 as one from pg_stat_activity where datname = '${database}' and wait_event_type = 'Lock'`;
  return until(`something to wait in ${database}`, async () => (await stack.postgres.rows(database, query)).length > 0);
}

const waiting = [
  { name: 'agent-provider', database: 'agent_provider', table: 'signing_keys', path: '/.well-known/jwks.json' },
  { name: 'person-server', database: 'person_server', table: 'issued_tokens', path: '/person/issued-tokens' },
  { name: 'backend', database: 'backend', table: 'runs', path: '/optimization/all' },
] as const;

for (const { name, database, table, path } of waiting) {
  fault(`${name} gets SIGTERM while it answers a request`, mustHappen, async () => {
    const origin = new URL(stack.service(name).health);
    const ask = () => fetch(new URL(path, origin), { headers: { authorization: 'Bearer mytoken' } });
    const { status, headers } = await drain({ name, port: Number(origin.port), database, table }, ask);
    expect([status, headers.get('connection')]).toEqual([200, 'close']);
    return 'answered 200, and that the connection ends; exit code 0';
  });
}

for (const name of ['resource-proxy', 'inventory-mcp', 'market-analysis-agent', 'supply-chain-agent'] as const) {
  fault(`${name} gets SIGTERM in the middle of a run`, mustHappen, async () => {
    const [{ port } = { port: 0 }] = stack.replicas(name);
    const ask = () => startRun({ prompt: 'perform market analysis' });
    const requestId = await drain({ name, port, database: 'inventory_mcp', table: 'laptop_models' }, ask);
    expect(await outcomeOf(requestId)).toBe('completed');
    expect(stack.service('backend').log()).not.toContain('the call was lost');
    return 'the run completed without a second try; exit code 0';
  });
}
