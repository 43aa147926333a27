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

/** Asks a service to end while something waits for a table, lets that go on, and tells how the service ended. */
async function drain(name: ServiceName, port: number, unlock: () => Promise<void>): Promise<void> {
  const service = stack.service(name);
  try {
    const ended = service.terminate();
    await until(`${name} to refuse connections`, () => isRefused(port));
    expect(service.isRunning(), `${name} waits: ${service.log().slice(-1000)}`).toBe(true);
    await unlock();
    expect(await ended).toBe(0);
  } finally {
    await unlock();
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
    const unlock = await stack.postgres.lock(database, table);
    const answer = fetch(new URL(path, origin), { headers: { authorization: 'Bearer mytoken' } });
    await waitedFor(database);
    await drain(name, Number(origin.port), unlock);
    const { status, headers } = await answer;
    await stack.service(name).start();
    expect([status, headers.get('connection')]).toEqual([200, 'close']);
    return 'answered 200, and that the connection ends; exit code 0';
  });
}

for (const name of ['resource-proxy', 'inventory-mcp', 'market-analysis-agent', 'supply-chain-agent'] as const) {
  fault(`${name} gets SIGTERM in the middle of a run`, mustHappen, async () => {
    const unlock = await stack.postgres.lock('inventory_mcp', 'laptop_models');
    const requestId = await startRun({ prompt: 'perform market analysis' });
    await waitedFor('inventory_mcp');
    const [{ port } = { port: 0 }] = stack.replicas(name);
    await drain(name, port, unlock);
    await stack.service(name).start();
    expect(await outcomeOf(requestId)).toBe('completed');
    expect(stack.service('backend').log()).not.toContain('the call was lost');
    return 'the run completed without a second try; exit code 0';
  });
}
