import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, send } from '../testing/client.ts';
import { forge } from '../testing/forge.ts';
import { newKey } from '../testing/issuer.ts';
import { startPersonServer, type TestPersonServer } from '../testing/person-server.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;
/** Not pinned. */
let stranger: TestPersonServer;

beforeAll(async () => {
  proxy = await startProxy({ mode: 'mode3' });
  stranger = await startPersonServer('stranger', () => proxy.clock.now);
});

afterAll(async () => {
  await Promise.all([proxy.close(), stranger.close()]);
});

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

const granted = async () => (await proxy.personServer.grant(proxy.agent, proxy.supplyChain)).token;

const alteredGrant = async (claims: object, key = proxy.personServer.key) => forge(await granted(), { claims }, key);

const present = async (token: string): Promise<Answer> => send(proxy.port, await proxy.signed({ token }));

interface Row {
  name: string;
  token: () => Promise<string>;
  code: string;
}

const rows: Row[] = [
  {
    name: 'auth token for another resource',
    token: async () => (await proxy.personServer.grant(proxy.agent, proxy.marketAnalysis)).token,
    code: 'invalid_jwt',
  },
  {
    name: 'auth token without aud',
    token: () => alteredGrant({ aud: undefined }),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token of another key',
    token: async () => (await proxy.personServer.grant({ key: await newKey() }, proxy.supplyChain)).token,
    code: 'invalid_signature',
  },
  {
    name: 'auth token expired this second',
    token: () => alteredGrant({ iat: proxy.clock.now - 60, exp: proxy.clock.now }),
    code: 'expired_jwt',
  },
  {
    name: 'auth token that lives longer than an hour',
    token: () => alteredGrant({ exp: proxy.clock.now + 3601 }),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token of a Person Server that is not pinned',
    token: async () => (await stranger.grant(proxy.agent, proxy.supplyChain)).token,
    code: 'invalid_jwt',
  },
  {
    name: 'auth token whose ps is another than its issuer',
    token: () => alteredGrant({ ps: stranger.issuer }),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token of an access server, where none is configured',
    token: () => alteredGrant({ dwk: 'aauth-access.json' }),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token that its Person Server did not sign',
    token: async () => alteredGrant({}, await newKey('ps-1')),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token whose scope is a list',
    token: () => alteredGrant({ scope: ['supply-chain:read'] }),
    code: 'invalid_jwt',
  },
  {
    name: 'person token for another resource',
    token: async () => (await proxy.personServer.person(proxy.agent, proxy.marketAnalysis)).token,
    code: 'invalid_jwt',
  },
  {
    name: 'person token of another key',
    token: async () => (await proxy.personServer.person({ key: await newKey() }, proxy.supplyChain)).token,
    code: 'invalid_signature',
  },
  {
    name: 'person token expired',
    token: async () => {
      const { token } = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
      return forge(token, { claims: { iat: proxy.clock.now - 60, exp: proxy.clock.now } }, proxy.personServer.key);
    },
    code: 'expired_jwt',
  },
  {
    name: 'person token with a scope',
    token: async () => {
      const { token } = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
      return forge(token, { claims: { scope: 'supply-chain:read' } }, proxy.personServer.key);
    },
    code: 'invalid_jwt',
  },
  {
    name: 'agent token in the clothes of an auth token',
    token: () => forge(proxy.agent.token, { header: { typ: 'aa-auth+jwt' } }, proxy.provider.key),
    code: 'invalid_jwt',
  },
  {
    name: 'resource token',
    token: async () => forge(await granted(), { header: { typ: 'aa-resource+jwt' } }, proxy.personServer.key),
    code: 'invalid_jwt',
  },
];

describe('an auth token that is accepted, with one thing altered', () => {
  test.each(rows)('$name', async ({ token, code }) => {
    expect((await present(await granted())).status).toBe(200);
    const reached = proxy.backend.count();
    proxy.clock.now += 1;

    const answer = await present(await token());

    expect(answer).toMatchObject({
      status: 401,
      headers: {
        'content-type': 'application/problem+json',
        // Whatever failed, the way up begins with a fresh person token.
        'aauth-requirement': 'requirement=person-token',
        'signature-error': `error=${code}`,
      },
    });
    expect(JSON.parse(answer.text)).toMatchObject({ error: code, detail: expect.any(String) });
    expect(proxy.checks().at(-1)).toMatchObject({ level: 'none', result: 'error', reason: code });
    expect(proxy.backend.count()).toBe(reached);
  });

  test('by a Person Server whose keys cannot be fetched: 503, and nobody is blamed', async () => {
    const unknown = await newKey('ps-2');
    const token = await forge(await granted(), { header: { kid: 'ps-2' } }, unknown);
    await proxy.personServer.close();
    proxy.clock.now += 24 * 3600;
    const renewed = await forge(token, { claims: { iat: proxy.clock.now, exp: proxy.clock.now + 600 } }, unknown);
    const answer = await present(renewed);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(answer.headers).not.toHaveProperty('signature-error');
    expect(answer.headers).not.toHaveProperty('aauth-requirement');
  });
});
