import { expect, it, onTestFinished } from 'vitest';
import { identifiers, startAgentProvider } from '../../test/support/enrolment-provider.ts';
import { startServer } from '../../test/support/http-server.ts';
import { createKey } from '../../test/support/keys.ts';
import { createTestTime } from '../../test/support/time.ts';
import { createDiscovery } from '../discovery/index.ts';
import { createEgressFetch } from '../node/egress.ts';
import { createHttpFetch } from '../node/fetch.ts';
import { nodeKeys } from '../node/keys.ts';
import { createResource } from '../resource/index.ts';
import { createAgentSession } from './session.ts';
import { createSignedFetch } from './signed-fetch.ts';

/**
 * An enrolled agent, its provider and a resource that pins it, each on a socket of its own.
 *
 * @param lifetime seconds that the first token lives
 * @param ahead seconds that the clock of the resource is ahead
 */
async function setUp({ lifetime = 3600, ahead = 0 } = {}) {
  const time = createTestTime();
  const provider = await startAgentProvider(time.now);
  provider.decision = 'approved';
  provider.lifetime = lifetime;
  const discovery = createDiscovery({
    fetch: createEgressFetch(identifiers),
    identifiers,
    keys: nodeKeys,
    now: time.now,
  });
  const resource = createResource({
    discovery,
    identifiers,
    keys: nodeKeys,
    now: () => time.now() + ahead,
    agentProviders: [{ issuer: provider.issuer }],
    additionalComponents: ['@query', 'content-type', 'content-digest'],
  });
  const server = await startServer(async ({ method, target, headers, body }) => {
    const message = { method, authority: headers.get('host') ?? '', path: target, query: '', headers };
    const verdict = await resource.verify(message, body);
    if (!verdict.ok) return new Response(verdict.response.body, verdict.response);
    const { principal } = verdict;
    return Response.json('agent' in principal ? { agent: principal.agent, jkt: principal.jkt } : {});
  });
  const fetch = createHttpFetch();
  onTestFinished(fetch.close);
  const session = createAgentSession({
    provider: provider.issuer,
    agentName: 'Test agent',
    stableKey: await createKey(),
    fetch,
    keys: nodeKeys,
    now: time.now,
    sleep: time.sleep,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  onTestFinished(session.stop);
  session.start();
  await session.ready;
  provider.lifetime = 3600;
  const signedFetch = createSignedFetch({ fetch, credentials: session.credentials, now: time.now });
  const ask = async (index: number): Promise<unknown> => {
    const url = `http://resource.localhost:${server.port}/tasks`;
    return (await signedFetch(url, { method: 'POST', body: JSON.stringify({ index }) })).json();
  };
  const refreshes = () => provider.verified.filter((request) => request === 'POST /refresh').length;
  return { time, provider, server, session, ask, refreshes };
}

const fifty = Array.from({ length: 50 }, (_, index) => index);

it('enrols, signs, and is who its provider says', async () => {
  const { session, ask } = await setUp();
  const { agent, key } = await session.credentials();
  expect(await ask(1)).toEqual({ agent, jkt: key.thumbprint });
});

it('W12: renews once under fifty concurrent requests, each accepted with the key of its token', async () => {
  const { time, session, ask, refreshes } = await setUp();
  const before = await session.credentials();
  const early = fifty.map(ask);
  time.advance(3300);
  const late = fifty.map((index) => ask(100 + index));
  const answers = await Promise.all([...early, ...late]);
  const after = await session.credentials();
  for (const answer of answers) {
    expect([before, after].map(({ agent, key }) => ({ agent, jkt: key.thumbprint }))).toContainEqual(answer);
  }
  expect(answers.at(-1)).toEqual({ agent: after.agent, jkt: after.key.thumbprint });
  expect(refreshes()).toBe(1);
});

it('renews once when the resource refuses the token of fifty concurrent requests as expired', async () => {
  const { server, session, ask, refreshes } = await setUp({ lifetime: 40, ahead: 50 });
  const refused = await session.credentials();
  const answers = await Promise.all(fifty.map(ask));
  const { agent, key } = await session.credentials();
  expect(key.thumbprint).not.toBe(refused.key.thumbprint);
  expect(answers).toEqual(fifty.map(() => ({ agent, jkt: key.thumbprint })));
  expect(server.received.length).toBeGreaterThan(fifty.length);
  expect(refreshes()).toBe(1);
});
