import { jwksUriSignatureKey } from '@aauth-stack/aauth/signatures';
import { createTestDatabase, type TestDatabase } from '@aauth-stack/service/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type SignedRequestOptions, send, type WireRequest } from '../testing/client.ts';
import type { TestIssuer } from '../testing/issuer.ts';
import { type ProxyOptions, startProxy, type TestProxy } from '../testing/proxy.ts';

let database: TestDatabase;
let proxy: TestProxy;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

interface Revoked {
  readonly jti: string;
  readonly expiresAt: number;
}

const revocation = (
  by: TestIssuer,
  { jti, expiresAt }: Revoked,
  options: Partial<SignedRequestOptions> = {},
): Promise<WireRequest> =>
  proxy.signed({
    target: '/resource/revoke',
    body: JSON.stringify({ jti, exp: expiresAt }),
    ...by.asServer,
    ...options,
  });

const revoke = async (...call: Parameters<typeof revocation>): Promise<Answer> =>
  send(proxy.port, await revocation(...call));

async function present(token: string, port = proxy.port, authority = proxy.authority): Promise<Answer> {
  proxy.clock.now += 1;
  return send(port, await proxy.signed({ token, authority }));
}

const start = async (options: ProxyOptions) => {
  proxy = await startProxy({ ...options, environment: { DATABASE_URL: database.url } });
};

describe('mode1', () => {
  beforeAll(() => start({ mode: 'mode1' }));
  afterAll(() => proxy.close());

  test('the provider takes an agent token back: its very next call fails, at every resource', async () => {
    const { token, issued } = proxy.agent;
    expect((await present(token)).status).toBe(200);
    const reached = proxy.backend.count();
    expect(await revoke(proxy.provider, issued)).toMatchObject({ status: 200, text: '' });
    for (const authority of [proxy.authority, new URL(proxy.marketAnalysis).host]) {
      const answer = await present(token, proxy.port, authority);
      expect(answer).toMatchObject({
        status: 401,
        headers: { 'signature-error': 'error=revoked_jwt', 'aauth-requirement': 'requirement=agent-token' },
      });
      expect(proxy.checks().at(-1)).toMatchObject({ result: 'error', reason: 'revoked_jwt' });
    }
    expect(proxy.backend.count()).toBe(reached);
    expect(proxy.lines()).toContainEqual(
      expect.objectContaining({
        msg: 'token revoked',
        resource_id: 'supply-chain-agent',
        issuer: proxy.provider.issuer,
        jti: issued.jti,
      }),
    );
    const another = await proxy.provider.agent('other-12345678');
    proxy.clock.now += 1;
    expect((await send(proxy.port, await proxy.signed(another))).status).toBe(200);
  });

  test('the Person Server is nobody here', async () => {
    const answer = await revoke(proxy.personServer, proxy.agent.issued);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'unsupported_iss' });
  });
});

describe('mode3', () => {
  beforeAll(() => start({ mode: 'mode3' }));
  afterAll(() => proxy.close());

  const confirmed = () => proxy.lines().filter(({ msg }) => msg === 'token revoked').length;

  const grant = () => proxy.personServer.grant(proxy.agent, proxy.supplyChain);

  test('an auth token: revoked_jwt, and the way up begins with a person token', async () => {
    const granted = await grant();
    expect((await present(granted.token)).status).toBe(200);
    const reached = proxy.backend.count();
    expect((await revoke(proxy.personServer, granted)).status).toBe(200);
    expect(await present(granted.token)).toMatchObject({
      status: 401,
      headers: { 'signature-error': 'error=revoked_jwt', 'aauth-requirement': 'requirement=person-token' },
    });
    expect(proxy.backend.count()).toBe(reached);
    expect((await present((await grant()).token)).status).toBe(200);
  });

  test('between the exchange and the retry', async () => {
    const granted = await grant();
    const reached = proxy.backend.count();
    expect((await revoke(proxy.personServer, granted)).status).toBe(200);
    expect(await present(granted.token)).toMatchObject({ headers: { 'signature-error': 'error=revoked_jwt' } });
    expect(proxy.backend.count()).toBe(reached);
  });

  test('a person token: it gets no resource token any more, on neither way', async () => {
    const person = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
    const challenged = await present(person.token);
    expect(challenged.headers['aauth-requirement']).toMatch(/^requirement=auth-token;resource-token=/);
    expect((await revoke(proxy.personServer, person)).status).toBe(200);
    const expected = {
      status: 401,
      headers: { 'signature-error': 'error=revoked_jwt', 'aauth-requirement': 'requirement=person-token' },
    };
    expect(await present(person.token)).toMatchObject(expected);
    const body = JSON.stringify({ scope: 'supply-chain:read' });
    const request = await proxy.signed({ target: '/resource/token', body, token: person.token });
    expect(await send(proxy.port, request)).toMatchObject(expected);
  });

  test('an agent token, by the agent provider', async () => {
    const { key, token, issued } = await proxy.provider.agent('short-12345678');
    expect((await revoke(proxy.provider, issued)).status).toBe(200);
    expect(await send(proxy.port, await proxy.signed({ key, token }))).toMatchObject({
      status: 401,
      headers: { 'signature-error': 'error=revoked_jwt', 'aauth-requirement': 'requirement=person-token' },
    });
  });

  test('nobody takes back what somebody else issued, whatever the jti', async () => {
    const granted = await grant();
    expect((await revoke(proxy.provider, granted)).status).toBe(200);
    expect((await present(granted.token)).status).toBe(200);
  });

  test('a token that nobody has seen yet, and the same one twice, also byte by byte', async () => {
    const granted = await grant();
    const request = await revocation(proxy.personServer, granted);
    expect((await send(proxy.port, request)).status).toBe(200);
    expect((await send(proxy.port, request)).status).toBe(200);
    expect(await present(granted.token)).toMatchObject({ headers: { 'signature-error': 'error=revoked_jwt' } });
  });

  test('is known to a replica that was there, and to one that is started later', async () => {
    const there = await proxy.replica();
    const granted = await grant();
    // Both have verified it before, and remember that.
    for (const port of [proxy.port, there.port]) expect((await present(granted.token, port)).status).toBe(200);
    expect((await revoke(proxy.personServer, granted)).status).toBe(200);
    const later = await proxy.replica();
    try {
      for (const port of [there.port, later.port, proxy.port]) {
        expect(await present(granted.token, port)).toMatchObject({
          status: 401,
          headers: { 'signature-error': 'error=revoked_jwt' },
        });
      }
    } finally {
      await Promise.all([there.close(), later.close()]);
    }
  });

  const refusals: [name: string, request: () => Promise<WireRequest>, status: number, code: string][] = [
    [
      'a Person Server that speaks as an agent provider',
      async () => revocation(proxy.personServer, await grant(), { signatureKey: asAgentProvider(proxy.personServer) }),
      403,
      'unsupported_iss',
    ],
    [
      'an agent, with its own token',
      async () => {
        const { key, token } = proxy.agent;
        return revocation(proxy.personServer, await grant(), { key, token, signatureKey: undefined });
      },
      401,
      'unsupported_scheme',
    ],
    [
      'a key that the server does not publish',
      async () => revocation(proxy.personServer, await grant(), { key: proxy.agent.key }),
      401,
      'invalid_signature',
    ],
    [
      'a body that is not covered',
      async () => revocation(proxy.personServer, await grant(), { coverBody: false }),
      401,
      'invalid_input',
    ],
    [
      'another body',
      async () => ({ ...(await revocation(proxy.personServer, await grant())), body: '{"jti":"x","exp":1}' }),
      401,
      'invalid_signature',
    ],
    [
      'a revocation meant for the other resource',
      async () => {
        const request = await revocation(proxy.personServer, await grant(), {
          authority: new URL(proxy.marketAnalysis).host,
        });
        return { ...request, headers: { ...request.headers, host: proxy.authority } };
      },
      401,
      'invalid_signature',
    ],
    ['no jti', () => withBody({ exp: 1 }), 400, 'invalid_request'],
    ['no exp', () => withBody({ jti: 'x' }), 400, 'invalid_request'],
    ['an exp that is a text', () => withBody({ jti: 'x', exp: '1' }), 400, 'invalid_request'],
    ['no JSON', () => withBody('jti=x'), 400, 'invalid_request'],
  ];

  const asAgentProvider = ({ issuer: id }: TestIssuer) =>
    jwksUriSignatureKey({ id, dwk: 'aauth-agent.json', kid: 'ps-1' });

  const withBody = (body: unknown) =>
    revocation(
      proxy.personServer,
      { jti: '', expiresAt: 0 },
      { body: typeof body === 'string' ? body : JSON.stringify(body) },
    );

  test.each(refusals)('refused: %s', async (_name, request, status, code) => {
    const granted = await grant();
    const before = confirmed();
    const answer = await send(proxy.port, await request());
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: code });
    if (status !== 401) expect(answer.headers).not.toHaveProperty('signature-error');
    expect(confirmed()).toBe(before);
    expect((await present(granted.token)).status).toBe(200);
  });

  test('without the database no revocation is confirmed, and no token is believed', async () => {
    const gone = await createTestDatabase();
    const other = await startProxy({ mode: 'mode3', environment: { DATABASE_URL: gone.url } });
    try {
      const granted = await other.personServer.grant(other.agent, other.supplyChain);
      expect((await send(other.port, await other.signed({ token: granted.token }))).status).toBe(200);
      await gone.drop();
      other.clock.now += 1;
      const body = JSON.stringify({ jti: granted.jti, exp: granted.expiresAt });
      const told = await send(
        other.port,
        await other.signed({ target: '/resource/revoke', body, ...other.personServer.asServer }),
      );
      expect(told).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
      const reached = other.backend.count();
      expect((await send(other.port, await other.signed({ token: granted.token }))).status).toBe(503);
      expect(other.backend.count()).toBe(reached);
    } finally {
      await other.close();
    }
  });
});

test('where no provider is named, nobody can take back an agent token, and the metadata does not say so', async () => {
  await start({ mode: 'mode1', resources: (text) => text.replaceAll(/ {4}agent_servers:\n {6}- issuer: .*\n/g, '') });
  try {
    expect((await revoke(proxy.provider, proxy.agent.issued)).status).toBe(403);
    const metadata = await send(proxy.port, {
      method: 'GET',
      target: '/.well-known/aauth-resource.json',
      headers: { host: proxy.authority },
      body: '',
    });
    expect(JSON.parse(metadata.text)).not.toHaveProperty('revocation_endpoint');
  } finally {
    await proxy.close();
  }
});
