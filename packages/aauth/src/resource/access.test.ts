import { describe, expect, it } from 'vitest';
import { expectPersonTokenRequired, resourceTokenOf } from '../../test/support/challenges.ts';
import { startChallengingServer } from '../../test/support/challenging-server.ts';
import { createKey } from '../../test/support/keys.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { hwkSignatureKey } from '../signatures/index.ts';

const order = { method: 'POST', target: '/orders', body: '{"item":1}' };
const missionS256 = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

describe('a resource that requires auth tokens', () => {
  it('leads an agent from its agent token over a person token to an auth token', async () => {
    const parties = await startChallengingServer();
    const { present, agentToken, personToken, authToken, reached, verdicts, ps, identifier, agentKey, clock } = parties;

    const first = await present(agentToken());
    expectPersonTokenRequired(first);
    expect(first.headers).not.toHaveProperty('signature-error');
    expect(JSON.parse(first.body)).toMatchObject({ status: 401, error: 'person_token_required' });
    expect(verdicts.at(-1)).toMatchObject({
      ok: false,
      challenge: { requirement: 'person-token', resourceToken: undefined, principal: { level: 'identified' } },
    });

    const second = await present(personToken({ claims: { jti: 'person-1' } }));
    const { compact, header, claims } = resourceTokenOf(second);
    expect(header).toEqual({ alg: 'Ed25519', typ: 'aa-resource+jwt', kid: 'inventory-1' });
    expect(claims).toEqual({
      iss: identifier,
      dwk: 'aauth-resource.json',
      aud: ps.identifier,
      sub: 'p-1',
      ps: ps.identifier,
      presented_jti: 'person-1',
      agent_jkt: agentKey.thumbprint,
      scope: 'stock:read',
      jti: expect.any(String),
      iat: clock.now(),
      exp: clock.now() + 300,
    });
    expect(JSON.parse(second.body)).toMatchObject({ status: 401, error: 'auth_token_required' });
    expect(second.body).not.toContain(compact);
    expect(second.headers['cache-control']).toBe('no-store');
    expect(verdicts.at(-1)).toMatchObject({
      ok: false,
      challenge: {
        requirement: 'auth-token',
        resourceToken: { token: compact, claims },
        principal: { subject: 'p-1' },
      },
    });
    expect(reached).toEqual([]);

    expect(await present(authToken())).toMatchObject({ status: 200, body: '{"level":"authorized"}' });
    expect(reached).toEqual(['read']);
  });

  it('says person-token and why the signature fails to a request that is not signed', async () => {
    const { send, reached } = await startChallengingServer();
    const response = await send({}, {});
    expectPersonTokenRequired(response);
    expect(response.headers['signature-error']).toBe('error=invalid_signature');
    expect(reached).toEqual([]);
  });

  it('never lets a person token pass for an auth token, however like one it is', async () => {
    const { present, personToken, authToken, reached, ps } = await startChallengingServer();
    expect((await present(authToken())).status).toBe(200);
    resourceTokenOf(await present(personToken()));
    // What only an auth token has, in a person token: no token at all.
    const dressedUp = await present(personToken({ claims: { ps: ps.identifier, scope: 'stock:read' } }));
    expectPersonTokenRequired(dressedUp);
    expect(dressedUp.headers['signature-error']).toBe('error=invalid_jwt');
    expect(reached).toEqual(['read']);
  });

  it('issues a resource token for each challenge, and copies the mission and the tenant of what was presented', async () => {
    const { present, personToken } = await startChallengingServer();
    const claims = { mission_s256: missionS256, tenant: 'acme' };
    const [one, other] = [await present(personToken({ claims })), await present(personToken({ claims }))].map(
      resourceTokenOf,
    );
    expect(one?.claims).toMatchObject(claims);
    expect(one?.claims?.jti).not.toBe(other?.claims?.jti);
    const plain = resourceTokenOf(await present(personToken()));
    expect(plain.claims).not.toHaveProperty('mission_s256');
    expect(plain.claims).not.toHaveProperty('tenant');
  });

  it('binds the resource token to the key that signs', async () => {
    const { present, personToken } = await startChallengingServer();
    const key = await createKey();
    const token = personToken({ claims: { cnf: { jwk: key.publicJwk } } });
    expect(resourceTokenOf(await present(token, {}, { key })).claims?.agent_jkt).toBe(key.thumbprint);
  });

  it('addresses its resource tokens to its access server, if it has one', async () => {
    const issuer = parseServerIdentifier('http://as.localhost:4000', { allowLoopback: true });
    const { present, personToken, ps } = await startChallengingServer({ accessServer: { issuer } });
    expect(resourceTokenOf(await present(personToken())).claims).toMatchObject({ aud: issuer, ps: ps.identifier });
  });
});

describe('a call that needs more than was granted', () => {
  it('is challenged for what it needs beside what the token has, naming that token', async () => {
    const { present, authToken, reached } = await startChallengingServer();
    const granted = { scope: 'stock:read stock:order', account: 'main' };
    expect((await present(authToken({ claims: granted }), order)).status).toBe(200);
    const response = await present(authToken({ claims: { ...granted, scope: 'stock:read', jti: 'auth-1' } }), order);
    expect(resourceTokenOf(response).claims).toMatchObject({
      presented_jti: 'auth-1',
      sub: 'p-1',
      scope: 'stock:read stock:order',
      account: 'main',
    });
    expect(JSON.parse(response.body)).toMatchObject({ error: 'insufficient_scope' });
    expect(reached).toEqual(['order']);
  });

  it('is challenged at once for it when only the person is known', async () => {
    const { present, personToken } = await startChallengingServer();
    expect(resourceTokenOf(await present(personToken(), order)).claims?.scope).toBe('stock:read stock:order');
  });

  it('keeps out what it never declared, and identity scopes that the Person Server does not have', async () => {
    const { present, authToken, ps } = await startChallengingServer();
    const claims = { scope: 'stock:read email phone admin' };
    // The Person Server declares openid and email.
    expect(resourceTokenOf(await present(authToken({ claims }), order)).claims?.scope).toBe(
      'stock:read email stock:order',
    );
    expect(ps.asked).toContain('/.well-known/aauth-person.json');
  });

  it('needs nothing of the Person Server but its keys when it asks for scopes of its own', async () => {
    const { present, personToken, ps } = await startChallengingServer({
      personServers: (issuer) => ({ issuer, jwksUri: `${issuer}/jwks` }),
    });
    ps.published.metadata = undefined;
    expect(resourceTokenOf(await present(personToken(), order)).claims?.scope).toBe('stock:read stock:order');
    expect(ps.asked).toEqual(['/jwks']);
  });

  it('is not satisfied by a scope that merely contains the name', async () => {
    const { present, authToken } = await startChallengingServer();
    for (const scope of ['stock:order2', 'xstock:order', 'stock:orde', 'STOCK:ORDER']) {
      resourceTokenOf(await present(authToken({ claims: { scope } }), order));
    }
    expect((await present(authToken({ claims: { scope: 'x stock:order' } }), order)).status).toBe(200);
  });
});

describe('a resource that serves on the person alone', () => {
  it('lets person tokens and auth tokens in, and tells agent tokens what is missing', async () => {
    const { present, agentToken, personToken, authToken, reached } = await startChallengingServer(
      { access: 'person-token', signingKey: undefined, scopes: undefined },
      [],
    );
    expectPersonTokenRequired(await present(agentToken()));
    expect(reached).toEqual([]);
    expect(await present(personToken())).toMatchObject({ status: 200, body: '{"level":"person"}' });
    expect(await present(authToken())).toMatchObject({ status: 200, body: '{"level":"authorized"}' });
  });

  it('asks for an auth token only for the call that needs a scope', async () => {
    const { present, personToken, authToken } = await startChallengingServer({ access: 'person-token' });
    expect((await present(personToken())).status).toBe(200);
    expect(resourceTokenOf(await present(personToken(), order)).claims?.scope).toBe('stock:read stock:order');
    expect((await present(authToken({ claims: { scope: 'stock:order' } }), order)).status).toBe(200);
  });

  it('does not take a bare key for a person', async () => {
    const parties = await startChallengingServer({ access: 'person-token', schemes: ['jwt', 'hwk'] });
    const signatureKey = hwkSignatureKey(parties.agentKey.publicJwk);
    expectPersonTokenRequired(await parties.present(parties.personToken(), {}, { signatureKey }));
    expect(parties.reached).toEqual([]);
  });
});
