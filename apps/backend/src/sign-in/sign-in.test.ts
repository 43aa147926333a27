import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Send, startBackend } from '../../test/backend.ts';
import { startOpenIdProvider } from '../../test/open-id-provider.ts';
import { request, startRun, untilStatus } from '../../test/requests.ts';
import { rejectedBy } from '../../test/runs.ts';
import { createVerifyBearer } from './verify-bearer.ts';

const clientId = 'supply-chain-ui';
const audience = 'https://api.example';
const identifiers = { allowLoopback: true };
let provider: Awaited<ReturnType<typeof startOpenIdProvider>>;
let backend: Awaited<ReturnType<typeof startBackend>>;

beforeAll(async () => {
  provider = await startOpenIdProvider({ clientId, audience });
  const { issuer } = provider;
  const options = { issuer, clientId, audiences: [clientId, audience], identifiers, fetch, now: () => new Date() };
  backend = await startBackend({
    verifyBearer: createVerifyBearer(options),
    signIn: { issuer, clientId, scope: 'openid profile email' },
  });
});
afterAll(async () => {
  await backend?.close();
  await provider?.close();
});

const get = (path: string, token?: string) => request(backend.url, path, { token });

describe('with an OpenID Provider', () => {
  it('knows who signed in from the ID token and from the access token', async () => {
    const { idToken, accessToken } = await provider.signIn('alice');
    expect((await get('/auth/me', idToken)).body).toEqual({
      id: 'alice',
      username: 'alice',
      name: 'Alice Example',
      email: 'alice@example.com',
      role: 'User',
      is_active: true,
    });
    expect((await get('/auth/me', accessToken)).body).toMatchObject({ id: 'alice' });
  });

  it('shows everybody their own runs and nobody else’s', async () => {
    const [alice, bob] = [(await provider.signIn('alice')).idToken, (await provider.signIn('bob')).idToken];
    const id = await startRun(backend.url, 'of Alice', alice);
    await untilStatus(backend.url, id, 'completed', alice);
    expect((await get('/optimization/runs', alice)).body.runs).toHaveLength(1);
    expect((await get('/agents/activities', alice)).body[0].delegation.sub).toBe('alice');
    expect((await get('/optimization/runs', bob)).body.runs).toEqual([]);
    expect((await get('/optimization/all', bob)).body).toEqual([]);
    expect((await get('/agents/activities', bob)).body).toEqual([]);
    const paths = ['progress/ID', 'progress/ID/events', 'results/ID', 'runs/ID'].map((path) => path.replace('ID', id));
    for (const path of paths) expect((await get(`/optimization/${path}`, bob)).status).toBe(404);
    for (const [method, path] of [
      ['POST', 'retry'],
      ['POST', 'cancel'],
      ['DELETE', 'runs'],
    ] as const) {
      const answer = await request(backend.url, `/optimization/${path}/${id}`, { method, token: bob });
      expect(answer.status).toBe(404);
    }
    await request(backend.url, '/optimization/clear', { method: 'DELETE', token: bob });
    expect((await get(`/optimization/progress/${id}`, alice)).status).toBe(200);
  });

  it.each([
    '/auth/me',
    '/agents/status',
    '/agents/activities',
    '/optimization/runs',
    '/optimization/all',
    `/optimization/progress/${crypto.randomUUID()}`,
    `/optimization/progress/${crypto.randomUUID()}/events`,
    `/optimization/results/${crypto.randomUUID()}`,
    '/optimization/test-a2a-connection',
    '/flows',
    `/flows/${crypto.randomUUID()}`,
  ])('asks for a sign-in at %s', async (path) => {
    const { status, headers, body } = await get(path);
    expect([status, body.error]).toEqual([401, 'sign_in_required']);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="supply-chain"');
  });

  it('tells how a run goes until the sign-in ends, although the run goes on', async () => {
    const { issuer } = provider;
    const exp = 4_000_000_000;
    const now = () => new Date(exp * 1000 - 500);
    const options = { issuer, clientId, audiences: [clientId], identifiers, fetch, now };
    const going = Promise.withResolvers<never>();
    const send = async (...[, { signal }]: Parameters<Send>) => Promise.race([going.promise, rejectedBy(signal)]);
    const other = await startBackend({ verifyBearer: createVerifyBearer(options), send });
    onTestFinished(() => other.close());
    const token = await provider.sign({ iss: issuer, aud: clientId, sub: 'alice', iat: exp - 60, exp });
    const id = await startRun(other.url, 'of Alice', token);
    for (const path of [`/optimization/progress/${id}/events`, `/flows/${id}/events`]) {
      const stream = await fetch(other.url + path, { headers: { authorization: `Bearer ${token}` } });
      expect(stream.status).toBe(200);
      expect(await stream.text()).toContain('event: ');
    }
    expect((await request(other.url, `/optimization/progress/${id}`, { token })).body.status).toBe('running');
  });

  it('starts nothing for those who did not sign in', async () => {
    for (const path of ['/optimization/start', `/optimization/retry/${crypto.randomUUID()}`]) {
      const { status } = await request(backend.url, path, { method: 'POST', body: { prompt: 'x' } });
      expect(status).toBe(401);
    }
  });

  it('tells pages where to sign in, and what else they need, before anybody has', async () => {
    expect((await get('/config')).body).toEqual({
      sign_in: { issuer: provider.issuer, client_id: clientId, scope: 'openid profile email' },
      person_server: {
        issuer: 'http://person-server.localhost:8765',
        portal_url: 'http://person-server.localhost:8765/ui',
      },
      jaeger_url: 'http://localhost:16686',
    });
    expect((await get('/auth/health')).body.auth).toBe('oidc');
    for (const path of ['/health', '/healthz', '/readyz', '/agents/self', '/openapi.json']) {
      expect((await get(path)).status).toBe(200);
    }
  });

  describe('refuses', () => {
    const seconds = () => Math.floor(Date.now() / 1000);

    /** A token as the provider's own, with one thing changed. */
    const token = (changes: object, header: object = {}) =>
      provider.sign(
        { iss: provider.issuer, aud: clientId, sub: 'alice', iat: seconds(), exp: seconds() + 60, ...changes },
        header,
      );

    it.each([
      ['of another issuer', { iss: 'https://other.example' }, {}, 'The claim iss does not fit.'],
      ['for somebody else', { aud: 'another-client' }, {}, 'The claim aud does not fit.'],
      ['issued to another client', { azp: 'another-client' }, {}, 'The token was issued to another client.'],
      ['that has expired', { exp: seconds() - 60 }, {}, 'The token has expired.'],
      ['without an end', { exp: undefined }, {}, 'The claim exp does not fit.'],
      ['that is not valid yet', { nbf: seconds() + 600 }, {}, 'The claim nbf does not fit.'],
      ['that says nothing of whose it is', { sub: undefined }, {}, 'The token does not say whose it is.'],
      ['that tells of a sign-out', {}, { typ: 'logout+jwt' }, 'The token is neither an access token nor an ID token.'],
      ['of a key that the provider does not have', {}, { kid: 'another' }, 'The token does not verify.'],
    ])('a token %s', async (_name, changes, header, detail) => {
      expect((await get('/auth/me', await token({}))).status).toBe(200);
      const { status, headers, body } = await get('/auth/me', await token(changes, header));
      expect([status, body.error, body.detail]).toEqual([401, 'invalid_token', detail]);
      expect(headers.get('www-authenticate')).toBe(
        `Bearer realm="supply-chain", error="invalid_token", error_description="${detail}"`,
      );
    });

    it('a token that somebody else signed, also with a secret that everybody knows', async () => {
      const good = await token({});
      const { privateKey } = await generateKeyPair('ES256');
      const claims = { iss: provider.issuer, aud: clientId, sub: 'alice', exp: seconds() + 60 };
      const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: provider.kid }).sign(privateKey);
      const secret = new TextEncoder().encode(JSON.stringify(provider.publicJwk));
      const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: provider.kid }).sign(secret);
      const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`;
      const altered = `${good.slice(0, -4)}${good.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
      for (const bad of [forged, symmetric, unsigned, altered, 'x', 'a.b.c']) {
        expect(await get('/auth/me', bad)).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      }
    });

    it('everybody while the provider names another issuer or keys that anybody on the way could change', async () => {
      const { issuer } = provider;
      const documents = [
        { issuer: 'https://other.example', jwks_uri: `${issuer}/jwks` },
        { issuer, jwks_uri: 'http://keys.example/jwks' },
        { issuer },
      ];
      for (const document of documents) {
        const reached: string[] = [];
        const fetchDocument: typeof fetch = async (input) => {
          reached.push(`${input}`);
          return Response.json(document);
        };
        const options = { issuer, clientId, audiences: [clientId], identifiers, now: () => new Date() };
        const verify = createVerifyBearer({ ...options, fetch: fetchDocument });
        await expect(verify(await token({}))).rejects.toMatchObject({ status: 503 });
        expect(reached).toEqual([`${issuer}/.well-known/openid-configuration`]);
      }
    });

    it('nobody for good while the provider is away, and says that it is', async () => {
      const gone = await startOpenIdProvider({ clientId, audience });
      const { issuer } = gone;
      const options = { issuer, clientId, audiences: [clientId], identifiers, fetch, now: () => new Date() };
      const { idToken } = await gone.signIn('alice');
      const verify = createVerifyBearer(options);
      await gone.close();
      await expect(verify(idToken)).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    });
  });
});
