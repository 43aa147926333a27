import {
  flipBit,
  type KeyPair,
  now,
  present,
  readPublished,
  resourceToken,
  sendSigned,
  sign,
  startAgentProvider,
} from '@aauth-stack/by-hand';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { components, problemOf, type Sender, startHandMadeWorld, tokenIn } from '../test/hand-made-world.ts';

// Nothing that meets the server here comes from this repository's protocol code.
const world = await startHandMadeWorld();
const { origin, provider, resource, intermediary, asPerson, agent, post, personToken, challenge, authToken } = world;
afterAll(world.close);

describe('the three-party flow', () => {
  const common = { iss: expect.any(String), iat: expect.any(Number), jti: expect.stringMatching(/^[0-9a-f-]{36}$/) };

  test('leads from an agent token over a person token and a resource token to an auth token', async () => {
    const presented = await personToken();
    const person = await readPublished(presented);
    expect(person.header).toEqual({ alg: 'Ed25519', typ: 'aa-person+jwt', kid: expect.any(String) });
    expect(person.claims).toEqual({
      ...common,
      iss: origin,
      dwk: 'aauth-person.json',
      aud: resource.origin,
      sub: expect.stringMatching(/^[\w-]{43}$/),
      exp: expect.any(Number),
      cnf: { jwk: provider.agentKey.publicJwk },
    });
    expect(Number(person.claims.exp) - Number(person.claims.iat)).toBeLessThanOrEqual(3600);

    const granted = await authToken(presented);
    const auth = await readPublished(granted);
    expect(auth.header).toEqual({ alg: 'Ed25519', typ: 'aa-auth+jwt', kid: person.header.kid });
    expect(auth.claims).toEqual({
      ...common,
      iss: origin,
      dwk: 'aauth-person.json',
      aud: resource.origin,
      sub: person.claims.sub,
      ps: origin,
      scope: 'stock:read',
      exp: expect.any(Number),
      cnf: { jwk: provider.agentKey.publicJwk },
    });
    expect(auth.claims.exp).toBeLessThanOrEqual(Number(person.claims.exp));

    expect((await present(`${resource.origin}/stock`, granted, provider.agentKey)).status).toBe(200);
    expect(resource.served.at(-1)?.token.claims).toEqual(auth.claims);
  });

  test('names the person to each resource by another identifier, and always by the same', async () => {
    const subjects = await Promise.all(
      [resource, intermediary, resource].map(
        async (at) => (await readPublished(await personToken({ at: at }))).claims.sub,
      ),
    );
    expect(new Set(subjects).size).toBe(2);
    expect(subjects[0]).toBe(subjects[2]);
  });

  test('grants nothing that outlives the agent token', async () => {
    const exp = now() + 60;
    const presented = await personToken({ sender: await agent({ claims: { exp } }) });
    expect((await readPublished(presented)).claims.exp).toBe(exp);
    expect((await readPublished(await authToken(presented))).claims.exp).toBe(exp);
  });

  test('renews on an auth token, within the time of that one', async () => {
    const first = await authToken(await personToken({ sender: await agent({ claims: { exp: now() + 60 } }) }));
    const presented = await readPublished(first);
    const asked = resourceToken(resource, { presented, agentJkt: provider.agentKey.thumbprint, scope: 'stock:read' });
    const exchange = { resource_token: await sign(asked, resource.key), presented_token: first };
    const second = tokenIn(await post('/auth-token', exchange, await agent()), 'auth_token');
    const { claims } = await readPublished(second);
    expect(claims).toMatchObject({ sub: presented.claims.sub, scope: 'stock:read', exp: presented.claims.exp });
    expect(claims.jti).not.toBe(presented.claims.jti);
  });
});

describe('call chaining', () => {
  const caller = async (): Promise<Sender> => ({ token: await intermediary.agentToken(), key: intermediary.key });

  test('lets a resource that is its own provider act for the person of its caller', async () => {
    const upstream = await personToken({ at: intermediary });
    const presented = await personToken({ sender: await caller(), upstreamToken: upstream });
    const { claims } = await readPublished(presented);
    expect(claims).toMatchObject({ aud: resource.origin, cnf: { jwk: intermediary.key.publicJwk } });
    expect(claims.sub).not.toBe((await readPublished(upstream)).claims.sub);
    expect(claims.sub).toBe((await readPublished(await personToken())).claims.sub);

    const exchange = {
      resource_token: await challenge(presented, intermediary.key),
      presented_token: presented,
      upstream_token: upstream,
    };
    const granted = tokenIn(await post('/auth-token', exchange, await caller()), 'auth_token');
    expect((await present(`${resource.origin}/stock`, granted, intermediary.key)).status).toBe(200);
    expect(resource.served.at(-1)?.token.claims.sub).toBe(claims.sub);
  });

  test('needs a token of the caller, as it was issued, for that very intermediary', async () => {
    const upstream = await personToken({ at: intermediary });
    const ask = async (sender: Sender, upstreamToken: unknown) =>
      problemOf(await post('/person-token', { resource: resource.origin, upstream_token: upstreamToken }, sender));
    const refused = { status: 400, error: 'invalid_upstream_token', signatureError: null };
    expect(
      (await post('/person-token', { resource: resource.origin, upstream_token: upstream }, await caller())).status,
    ).toBe(200);

    expect(await ask(await caller(), undefined)).toEqual({
      status: 401,
      error: 'invalid_jwt',
      signatureError: 'error=invalid_jwt',
    });
    expect(await ask(await caller(), await personToken())).toEqual(refused);
    expect(await ask(await caller(), flipBit(upstream, 'signature'))).toEqual(refused);
    expect(await ask(await caller(), await provider.token())).toEqual(refused);
    expect(await ask(await agent(), upstream)).toEqual(refused);
  });
});

describe('revocation', () => {
  test('of a token, by the person: its resource is told at once, by a signed request', async () => {
    const granted = await authToken(await personToken());
    expect((await present(`${resource.origin}/stock`, granted, provider.agentKey)).status).toBe(200);
    const { jti, exp } = (await readPublished(granted)).claims;
    expect((await asPerson(`/person/issued-tokens/${jti}/revoke`, { method: 'POST' })).status).toBe(200);
    await expect
      .poll(() => resource.revocations)
      .toContainEqual({ server: origin, dwk: 'aauth-person.json', jti, exp });
    const response = await present(`${resource.origin}/stock`, granted, provider.agentKey);
    expect(problemOf(response)).toMatchObject({ status: 401, error: 'revoked_jwt' });
  });

  test('of an agent token, by its provider: what was issued to the agent is taken back, and the agent token with it', async () => {
    const sender = await agent();
    const presented = await personToken({ sender });
    const { jti, exp } = (await readPublished(sender.token)).claims;
    const revoke = (server: { issuer: string; key: KeyPair }, dwk: string) =>
      sendSigned(`${origin}/revoke`, { type: 'jwks_uri', id: server.issuer, dwk, kid: server.key.kid }, server.key, {
        method: 'POST',
        body: JSON.stringify({ jti, exp }),
        components,
      });
    const unknown = await startAgentProvider();
    onTestFinished(() => unknown.close());
    const refused = { status: 403, error: 'unsupported_iss', signatureError: null };
    expect(problemOf(await revoke(unknown, 'aauth-agent.json'))).toEqual(refused);
    // Known here, so it may take back tokens of its own; this is none of them.
    expect((await revoke(resource, 'aauth-resource.json')).status).toBe(200);
    const again = { resource: resource.origin, justification: 'once more' };
    expect((await post('/person-token', again, sender)).status).toBe(200);

    expect(await revoke(provider, 'aauth-agent.json')).toMatchObject({ status: 200 });
    expect(problemOf(await post('/person-token', { resource: resource.origin }, sender))).toMatchObject({
      status: 401,
      error: 'revoked_jwt',
    });
    const { jti: taken } = (await readPublished(presented)).claims;
    await expect.poll(() => resource.revocations.map((revocation) => revocation.jti)).toContain(taken);
  });
});
