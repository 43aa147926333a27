import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAgentProvider, type TestAgentProvider } from '../testing/agent-provider.ts';
import { send } from '../testing/client.ts';
import { forge } from '../testing/forge.ts';
import { newKey } from '../testing/issuer.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;
/** Not pinned. */
let stranger: TestAgentProvider;

beforeAll(async () => {
  proxy = await startProxy();
  stranger = await startAgentProvider('stranger', () => proxy.clock.now);
});

afterAll(async () => {
  await Promise.all([proxy.close(), stranger.close()]);
});

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

test('W18: a POST that is repeated byte by byte is refused, and signed again it is accepted', async () => {
  const request = await proxy.signed();
  expect((await send(proxy.port, request)).status).toBe(200);
  const reached = proxy.backend.count();
  const repeated = await send(proxy.port, request);
  expect(repeated).toMatchObject({ status: 401, headers: { 'signature-error': 'error=invalid_signature' } });
  expect(proxy.checks().at(-1)).toMatchObject({ result: 'error', reason: 'invalid_signature' });
  expect(proxy.backend.count()).toBe(reached);
  proxy.clock.now += 1;
  expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
});

test('W18: the path and the query are covered each for itself', async () => {
  const answer = await send(proxy.port, await proxy.signed({ target: '/?a=1&b=%2F' }));
  expect(answer.status).toBe(200);
  expect(proxy.backend.received.at(-1)?.url).toBe('/?a=1&b=%2F');
});

test('W18: metadata and keys are fetched once for many checks', async () => {
  await send(proxy.port, await proxy.signed());
  const fetched = proxy.provider.fetched.length;
  expect(fetched).toBe(2);
  for (let index = 0; index < 5; index++) {
    proxy.clock.now += 1;
    expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
  }
  expect(proxy.provider.fetched.length).toBe(fetched);
});

test('W18: a key published later is found by its kid', async () => {
  const rotated = await newKey('ap-2');
  proxy.provider.publish([proxy.provider.key.publicJwk, rotated.publicJwk]);
  proxy.clock.now += 61;
  const agent = await proxy.provider.agent('rotated-12345678', { key: rotated });
  expect((await send(proxy.port, await proxy.signed(agent))).status).toBe(200);
});

test('W18: neither the log nor a refusal repeats a token or a signature', async () => {
  const request = await proxy.signed({ created: proxy.clock.now - 100 });
  const answer = await send(proxy.port, request);
  expect(answer.status).toBe(401);
  const written = JSON.stringify([proxy.lines(), answer.text]);
  const [, , tokenSignature = 'absent'] = proxy.agent.token.split('.');
  expect(written).not.toContain(tokenSignature);
  expect(written).not.toContain(request.headers.signature?.slice(5, -1));
});

describe('W17: the agent provider is pinned', () => {
  test('an agent of another provider is refused although its identifier looks right, and its provider is not even asked', async () => {
    const fetched = stranger.fetched.length;
    const token = await forge(
      (await stranger.agent()).token,
      { claims: { sub: proxy.agent.id, cnf: { jwk: proxy.agent.key.publicJwk } } },
      stranger.key,
    );
    const answer = await send(proxy.port, await proxy.signed({ token }));
    expect(answer).toMatchObject({ status: 401, headers: { 'signature-error': 'error=invalid_jwt' } });
    expect(stranger.fetched.length).toBe(fetched);
  });

  test('a provider cannot vouch for agents of another domain', async () => {
    const token = await forge(proxy.agent.token, { claims: { sub: `aauth:x@${stranger.domain}` } }, proxy.provider.key);
    const answer = await send(proxy.port, await proxy.signed({ token }));
    expect(answer).toMatchObject({ status: 401, headers: { 'signature-error': 'error=invalid_jwt' } });
  });
});
