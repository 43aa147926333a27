import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadOrCreateSigningKey } from '@aauth-stack/aauth/node';
import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { afterAll, beforeAll, expect } from 'vitest';
import { enrolAgent, type TestAgent } from '../support/agent.ts';
import { json } from '../support/backend.ts';
import { root } from '../support/commands.ts';
import { decide } from '../support/consent.ts';
import { until } from '../support/until.ts';
import { fault } from './support/fault.ts';
import { type Load, page, portalReader, readerOf, starterOf, startLoad } from './support/load.ts';
import { places } from './support/places.ts';
import { keysOf } from './support/records.ts';
import { askedRun, outcomeOf } from './support/run.ts';
import { type Stack, startStack } from './support/stack.ts';

const replicated = ['person-server', 'agent-provider', 'resource-proxy'] as const;
const settings = { STOP_DELAY: '5', STOP_TIMEOUT: '60' };
let stack: Stack;
let agent: TestAgent;
let load: Load;

beforeAll(async () => {
  stack = await startStack('user-consent', {
    replicas: { 'person-server': 2, 'agent-provider': 2, 'resource-proxy': 2 },
    environment: Object.fromEntries(replicated.map((name) => [name, settings])),
  });
  agent = await enrolAgent('Load');
  load = startLoad([
    readerOf(agent, 'calls with a token', { isFresh: false }),
    readerOf(agent, 'calls with a token (2)', { isFresh: false }),
    readerOf(agent, 'token exchanges', { isFresh: true }),
    readerOf(agent, 'token exchanges (2)', { isFresh: true }),
    starterOf(agent, 'agents that start'),
    portalReader,
  ]);
  await everyTask(2);
});
afterAll(async () => {
  await load?.stop();
  await agent?.close();
  await stack?.stop();
});

/** Waits until each task has been done some more times, or has failed. */
async function everyTask(times: number): Promise<void> {
  const before = new Map(load.done());
  const isDone = ([name, count]: [string, number]) => count >= (before.get(name) ?? 0) + times;
  await until(`${times} of each task`, () => [...load.done()].every(isDone) || load.failures().length > 0, 240_000);
  expect(load.failures()).toEqual([]);
}

/** Restarts the replicas of a service one after the other, with other settings where some are given. */
async function rollingRestart(name: (typeof replicated)[number], environment?: Record<string, string>): Promise<void> {
  for (const replica of stack.replicas(name)) {
    expect(await replica.process.terminate(), replica.process.log().slice(-1000)).toBe(0);
    await everyTask(2);
    await replica.process.start(environment);
    await until(`${name} to be used again`, () => stack.balancing(name).uses(replica), 240_000);
    expect(replica.process.log()).not.toContain('are cut');
  }
}

const total = () => [...load.done().values()].reduce((sum, count) => sum + count, 0);

fault(
  'two Person Servers, Agent Providers and proxies are restarted one after the other under load, while a person decides',
  'not one request fails; the question stays open',
  async () => {
    const { requestId, pendingId } = await askedRun();
    const before = total();
    for (const name of replicated) await rollingRestart(name);
    await everyTask(2);
    const made = total() - before;
    await decide(pendingId, { approved: true });
    expect(await outcomeOf(requestId)).toBe('completed');
    expect(load.failures()).toEqual([]);
    return `6 restarts, ${made} requests or exchanges, 0 failed; the run completed`;
  },
  { timeout: 1_200_000 },
);

for (const name of ['person-server', 'agent-provider'] as const) {
  fault(
    `the key of the ${name} is rotated three times under load`,
    'not one request fails; tokens have the new key; the old ones stay published',
    async () => {
      const before = total();
      const origin = `http://localhost:${places[name].front}`;
      const published = new Set(await keysOf(origin));
      for (const { port } of [...stack.replicas(name), ...stack.replicas(name).slice(0, 1)]) {
        const { kid } = await rotate(port);
        published.add(kid);
        await until('a token with the new key', async () => (await newestKey(name)) === kid);
        await everyTask(2);
        expect(new Set(await keysOf(origin))).toEqual(published);
      }
      return `${published.size} keys published; ${total() - before} requests or exchanges, 0 failed`;
    },
  );
}

async function rotate(port: number): Promise<{ kid: string }> {
  const token = readFileSync(join(stack.directory, 'secrets', 'operator-token'), 'utf8');
  const headers = { authorization: `Bearer ${token}` };
  return json(await fetch(`http://127.0.0.1:${port}/operator/keys/rotate`, { method: 'POST', headers }));
}

async function newestKey(name: 'person-server' | 'agent-provider'): Promise<string | undefined> {
  const query = 'select kid from issued_tokens order by issued_at desc, jti limit 1';
  const [row] = await stack.postgres.rows<{ kid: string }>(name.replace('-', '_'), query);
  return row?.kid;
}

fault(
  'the key of a resource is rotated under load: published, then signed with, by two rolling restarts',
  'not one request fails; its tokens have the new key',
  async () => {
    const before = total();
    const config = readFileSync(join(root, 'infra', 'gateway', 'aauth-config-user-consent.yaml'), 'utf8');
    await loadOrCreateSigningKey(join(stack.directory, 'keys', 'maa-next.pem'));
    const [old, next] = [
      'maa-rsk-1, private_key_file: $K/maa-resource-key.pem',
      'maa-rsk-2, private_key_file: $K/maa-next.pem',
    ];
    for (const [signing, other] of [
      [old, next],
      [next, old],
    ]) {
      const keys = `signing_key: { kid: ${signing} }\n    published_keys: [{ kid: ${other} }]`;
      const changed = config.replace(
        /signing_key:\n +kid: maa-rsk-1\n.*\n +private_key_file: .*\n/,
        `${keys}\n`.replaceAll('$K', join(stack.directory, 'keys')),
      );
      expect(changed).toContain('maa-next.pem');
      const file = join(stack.directory, `aauth-config-${signing?.slice(0, 9)}.yaml`);
      writeFileSync(file, changed);
      await rollingRestart('resource-proxy', { AAUTH_CONFIG: file });
      await everyTask(2);
    }
    expect(challengeKey()).toBe('maa-rsk-2');
    return `4 restarts, ${total() - before} requests or exchanges, 0 failed`;
  },
  { timeout: 1_200_000 },
);

/** The kid of the key that signed the resource token of the latest challenge for a page. */
function challengeKey(): string | undefined {
  const challenge = stack
    .gate('resource-proxy')
    .passed()
    .findLast(({ path, requirement }) => path === new URL(page).pathname && requirement?.includes('resource-token'));
  const resourceToken = parseRequirement(challenge?.requirement ?? null)?.parameters['resource-token'];
  return decodeTokenForDisplay(resourceToken ?? '')?.header.kid?.toString();
}
