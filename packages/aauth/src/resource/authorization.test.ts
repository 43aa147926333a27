import { describe, expect, it } from 'vitest';
import { startChallengingServer } from '../../test/support/challenging-server.ts';
import type { TestResponse } from '../../test/support/requests.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { jwtSignatureKey, messageFromRequest } from '../signatures/index.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';
import { createResource } from './resource.ts';

type Parties = Awaited<ReturnType<typeof startChallengingServer>>;

const asking = (body: unknown) => ({
  method: 'POST',
  target: '/authorize',
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

function resourceTokenOf(response: TestResponse) {
  expect(response).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
  const members = JSON.parse(response.body);
  expect(Object.keys(members)).toEqual(['resource_token']);
  return decodeTokenForDisplay(members.resource_token)?.claims;
}

describe('the authorization endpoint', () => {
  it('gives the holder of a person token a resource token for what it asks', async () => {
    const { present, personToken, ps, identifier, agentKey, verdicts } = await startChallengingServer();
    const claims = { jti: 'person-1', tenant: 'acme' };
    const response = await present(personToken({ claims }), asking({ scope: 'stock:order require:user', more: 1 }));
    expect(resourceTokenOf(response)).toMatchObject({
      iss: identifier,
      aud: ps.identifier,
      ps: ps.identifier,
      sub: 'p-1',
      presented_jti: 'person-1',
      agent_jkt: agentKey.thumbprint,
      scope: 'stock:order require:user',
      tenant: 'acme',
    });
    expect(resourceTokenOf(response)).not.toHaveProperty('account');
    expect(verdicts.at(-1)).toMatchObject({ ok: true, principal: { level: 'person' } });
  });

  it('passes on an account that the person has', async () => {
    const { present, personToken } = await startChallengingServer();
    const response = await present(personToken(), asking({ scope: 'stock:read', account: 'main' }));
    expect(resourceTokenOf(response)).toMatchObject({ account: 'main' });
  });

  it('asks about an account whatever it is called', async () => {
    const account = 'ä'.repeat(255);
    const { present, personToken } = await startChallengingServer({ accounts: async (name) => name === account });
    const response = await present(personToken(), asking({ scope: 'stock:read', account }));
    expect(resourceTokenOf(response)).toMatchObject({ account });
  });

  it('asks for identity scopes that the Person Server declares', async () => {
    const { present, personToken } = await startChallengingServer();
    expect(resourceTokenOf(await present(personToken(), asking({ scope: 'email stock:read' })))?.scope).toBe(
      'email stock:read',
    );
  });

  it('tells the holder of an auth token that it is authorized, when it is', async () => {
    const { present, authToken } = await startChallengingServer();
    const claims = { scope: 'stock:read stock:order', jti: 'auth-1' };
    const granted = await present(authToken({ claims }), asking({ scope: 'stock:order' }));
    expect(granted.status).toBe(200);
    expect(JSON.parse(granted.body)).toEqual({ status: 'authorized', scope: 'stock:order' });
    const more = await present(authToken({ claims }), asking({ scope: 'stock:order require:user' }));
    expect(resourceTokenOf(more)).toMatchObject({ scope: 'stock:order require:user', presented_jti: 'auth-1' });
    const elsewhere = await present(authToken({ claims }), asking({ scope: 'stock:order', account: 'main' }));
    expect(resourceTokenOf(elsewhere)).toMatchObject({ account: 'main' });
    const there = { ...claims, account: 'main' };
    expect(
      (await present(authToken({ claims: there }), asking({ scope: 'stock:order', account: 'main' }))).body,
    ).toContain('authorized');
    expect(
      resourceTokenOf(await present(authToken({ claims: there }), asking({ scope: 'stock:order' }))),
    ).toBeDefined();
  });

  it('tells the holder of an agent token to present a person token', async () => {
    const { present, agentToken } = await startChallengingServer();
    const response = await present(agentToken(), asking({ scope: 'stock:read' }));
    expect(response).toMatchObject({ status: 401, headers: { 'aauth-requirement': 'requirement=person-token' } });
    expect(response.headers).not.toHaveProperty('signature-error');
  });

  const bad: [what: string, code: string, body: unknown][] = [
    ['without a body', 'invalid_request', ''],
    ['with a body that is no JSON', 'invalid_request', '{"scope":"stock:read"'],
    ['with a body that is no object', 'invalid_request', ['stock:read']],
    ['with a body that is a string', 'invalid_request', '"stock:read"'],
    ['without a scope', 'invalid_request', {}],
    ['with an empty scope', 'invalid_request', { scope: '' }],
    ['with a scope that is a list', 'invalid_request', { scope: ['stock:read'] }],
    ['with a scope that is malformed', 'invalid_request', { scope: 'stock:read  stock:order' }],
    ['with a scope that nobody declared', 'invalid_scope', { scope: 'stock:read admin' }],
    ['with a scope that is a prefix of one', 'invalid_scope', { scope: 'stock:rea' }],
    ['with an identity scope that the Person Server lacks', 'invalid_scope', { scope: 'phone' }],
    ['with an identity scope that this resource never asks for', 'invalid_scope', { scope: 'openid' }],
    ['with an account that is a number', 'invalid_request', { scope: 'stock:read', account: 1 }],
    ['with an empty account', 'invalid_request', { scope: 'stock:read', account: '' }],
    ['with an account of 256 characters', 'invalid_request', { scope: 'stock:read', account: 'a'.repeat(256) }],
    ['with somebody else’s account', 'invalid_account', { scope: 'stock:read', account: 'theirs' }],
  ];
  it.each(bad)('refuses a request %s with 400 %s', async (_, code, body) => {
    const { present, personToken } = await startChallengingServer();
    expect((await present(personToken(), asking({ scope: 'stock:read', account: 'main' }))).status).toBe(200);
    const response = await present(personToken(), asking(body));
    expect(response).toMatchObject({ status: 400, headers: { 'content-type': 'application/problem+json' } });
    expect(response.headers).not.toHaveProperty('signature-error');
    expect(response.headers).not.toHaveProperty('aauth-requirement');
    expect(JSON.parse(response.body)).toMatchObject({ status: 400, error: code });
  });

  const unsigned: [what: string, code: string, send: (p: Parties) => Promise<TestResponse>][] = [
    ['is not signed', 'invalid_signature', (p) => p.send(asking({ scope: 'stock:read' }), {})],
    [
      'presents a person token for another resource',
      'invalid_jwt',
      (p) => p.present(p.personToken({ claims: { aud: 'http://x.localhost' } }), asking({ scope: 'stock:read' })),
    ],
    [
      'presents an expired person token',
      'expired_jwt',
      (p) => p.present(p.personToken({ claims: { exp: p.clock.now() } }), asking({ scope: 'stock:read' })),
    ],
    [
      'was signed over another body',
      'invalid_signature',
      async (p) => p.send(asking({ scope: 'stock:order' }), await p.sign(asking({ scope: 'stock:read' }))),
    ],
  ];
  it.each(unsigned)('refuses a request that %s with 401 %s', async (_, code, send) => {
    const parties = await startChallengingServer();
    const response = await send(parties);
    expect(response).toMatchObject({
      status: 401,
      headers: { 'signature-error': `error=${code}`, 'aauth-requirement': 'requirement=person-token' },
    });
  });

  it('knows no accounts unless it is told how', async () => {
    const { present, personToken } = await startChallengingServer({ accounts: undefined });
    const response = await present(personToken(), asking({ scope: 'stock:read', account: 'main' }));
    expect(JSON.parse(response.body)).toMatchObject({ error: 'invalid_account' });
  });

  it('reads no more of a body than it may, and answers a message that was taken apart already', async () => {
    const parties = await startChallengingServer({ maxBodyBytes: 40 });
    const { present, personToken, resource, sign, ps } = parties;
    expect((await present(personToken(), asking({ scope: 'stock:read' }))).status).toBe(200);
    expect((await present(personToken(), asking({ scope: 'stock:read', more: 'x'.repeat(20) }))).status).toBe(413);
    const request = asking({ scope: 'stock:read' });
    const headers = await sign(request);
    const message = messageFromRequest(
      new Request('http://inventory.localhost:3000/authorize', { method: 'POST', headers }),
    );
    const verdict = await resource.authorize(message, new TextEncoder().encode(request.body));
    expect(verdict).toMatchObject({
      ok: true,
      resourceToken: undefined,
      scope: ['stock:read'],
      principal: { personServer: ps.identifier },
    });
  });

  it('is a mistake of whoever mounts it on a resource that cannot issue resource tokens', async () => {
    const identifiers = { allowLoopback: true };
    const identifier = parseServerIdentifier('http://inventory.localhost:3000', identifiers);
    const { ap, agentToken, sign, clock, discovery } = await startChallengingServer();
    const resource = createResource({ discovery, identifiers, identifier, now: clock.now });
    const request = asking({ scope: 'stock:read' });
    const headers = await sign(request, { signatureKey: jwtSignatureKey(await agentToken()) });
    const asked = new Request(`${identifier}/authorize`, { method: 'POST', headers, body: request.body });
    await expect(resource.authorizeRequest(asked)).rejects.toThrow(TypeError);
    expect(ap.asked).not.toEqual([]);
  });
});
