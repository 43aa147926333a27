import { createKeyPair, now, present, readRequirement } from '@aauth-stack/by-hand';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { startOurResource } from '../independent/our-resource.ts';
import { nameItTheirWay, startMockinWorld } from './mockin-world.ts';

// mockin speaks an earlier text of the draft and its library's own dialect of signatures. Each test holds one difference.
const world = await startMockinWorld();
const { mockin, provider, identity, theirs, agent, ask } = world;
afterAll(world.close);
beforeEach(async () => {
  await mockin.reset();
  theirs.challenge.resourceToken = () => ({});
});

describe('person tokens', () => {
  test('it issues none for a resource under a name of localhost', async () => {
    const named = 'http://inventory.localhost:3000';
    const { status, text } = await ask({ resource: named });
    expect([status, JSON.parse(text)]).toEqual([
      400,
      { error: 'invalid_request', detail: `resource "${named}" must use the https scheme` },
    ]);
  });

  test('call chaining is not there', async () => {
    const upstream = JSON.parse((await ask({ resource: identity.origin })).text).person_token;
    await expect(agent().fetch.withUpstream(upstream)(`${identity.origin}/stock`)).rejects.toMatchObject({
      name: 'PeerError',
      code: 'invalid_request',
      status: 400,
      message: expect.stringContaining('upstream_token is not supported'),
    });
  });
});

describe('auth tokens', () => {
  test('it wants person_token_jti where resource tokens have presented_jti, so it exchanges none of ours', async () => {
    const ours = await startOurResource('auth-token');
    const refused = { name: 'PeerError', code: 'invalid_resource_token', status: 400 };
    const message = expect.stringContaining('resource_token missing person_token_jti');
    await expect(agent().fetch(`${ours.origin}/stock`)).rejects.toMatchObject({ ...refused, message });
    await ours.close();
    await expect(agent().fetch(`${theirs.origin}/stock`)).rejects.toMatchObject({ ...refused, message });
  });

  test('they outlive the agent token and the person token', async () => {
    theirs.challenge.resourceToken = nameItTheirWay;
    const exp = now() + 600;
    expect((await agent({ changes: { claims: { exp } } }).fetch(`${theirs.origin}/stock`)).status).toBe(200);
    const { claims = {} } = theirs.served.at(-1)?.token ?? {};
    expect(claims.exp).toBe(Number(claims.iat) + 3600);
    expect(claims.exp).toBeGreaterThan(exp);
  });

  test('it looks the person token up and takes no presented_token', async () => {
    theirs.challenge.resourceToken = nameItTheirWay;
    const { person_token: presented } = JSON.parse((await ask({ resource: theirs.origin })).text);
    const challenged = await present(`${theirs.origin}/stock`, presented, provider.agentKey);
    const { parameters } = readRequirement(challenged.headers.get('aauth-requirement'));
    const body = { resource_token: parameters['resource-token'] };
    for (const more of [{ presented_token: presented }, { presented_token: 'none' }, {}]) {
      expect((await ask({ ...body, ...more }, { path: '/aauth/token/auth' })).status).toBe(200);
    }
  });
});

describe('deferred responses', () => {
  test('a code has letters of both cases, and the requirement is not repeated to who polls', async () => {
    await mockin.mock({ person_requirement: 'interaction', auto_approve: false });
    const announced = await ask({ resource: identity.origin });
    expect(announced.status).toBe(202);
    const header = announced.headers.get('aauth-requirement');
    expect(header).toMatch(/^requirement=interaction; url="http:[^"]+"; code="[A-Za-z0-9]{8}"$/);
    expect(readRequirement(header).requirement).toBe('interaction');
    const location = announced.headers.get('location') ?? '';
    expect(location).toMatch(`${mockin.issuer}/aauth/pending/`);

    const polled = await present(location, await provider.token(), provider.agentKey);
    expect(polled.status).toBe(202);
    expect(polled.headers.get('aauth-requirement')).toBeNull();
    expect(JSON.parse(polled.text)).toEqual({ status: 'pending', location });
  });

  test('any agent may poll', async () => {
    await mockin.mock({ person_requirement: 'approval' });
    const announced = await ask({ resource: identity.origin });
    const key = await createKeyPair('stranger');
    const claims = { sub: `aauth:stranger@${new URL(provider.issuer).host}`, cnf: { jwk: key.publicJwk } };
    const polled = await present(announced.headers.get('location') ?? '', await provider.token({ claims }), key);
    expect(polled.status).toBe(200);
  });
});

describe('signatures', () => {
  test('@query is covered without its "?", so our agent leaves it out towards a Person Server', async () => {
    const covering = agent({ additionalComponentsFor: () => ['@query'] });
    await expect(covering.fetch(`${identity.origin}/stock`)).rejects.toMatchObject({
      name: 'PeerError',
      code: 'signature_verification_failed',
      status: 401,
    });
    expect((await agent().fetch(`${identity.origin}/stock`)).status).toBe(200);
  });

  test('an unsigned request gets Accept-Signature and no Signature-Error', async () => {
    const { status, headers, text } = await ask(
      { resource: identity.origin },
      {
        alter: (request) => {
          for (const name of ['signature', 'signature-input']) request.headers.delete(name);
        },
      },
    );
    expect([status, JSON.parse(text)]).toEqual([401, { error: 'signature_required' }]);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(headers.get('signature-error')).toBeNull();
    expect(headers.get('accept-signature')).toContain('"content-digest"');
    expect(headers.get('accept-signature-scheme')).toBe('jwt');
    expect(headers.get('accept-signature-alg')).toBe('Ed25519');
  });

  test('its body has one code for every signature that does not hold; Signature-Error says which', async () => {
    const altered = await ask(
      { resource: identity.origin },
      { alter: (request) => Object.assign(request, { body: '{"resource":"https://resource.example"}' }) },
    );
    expect(altered.status).toBe(401);
    expect(JSON.parse(altered.text).error).toBe('signature_verification_failed');
    expect(altered.headers.get('signature-error')).toBe('error=invalid_input');
  });

  test('required_input names what is missing and not all that is required', async () => {
    const withoutType = ['@method', '@authority', '@path', 'signature-key'];
    const { status, headers } = await ask({ resource: identity.origin }, { components: withoutType });
    expect(status).toBe(401);
    expect(headers.get('signature-error')).toBe('error=invalid_input, required_input=("content-type")');
  });

  test('an agent token that has expired is a plain invalid_jwt without Signature-Error', async () => {
    const { status, headers, text } = await ask({ resource: identity.origin }, { token: { exp: now() - 1 } });
    expect([status, JSON.parse(text).error]).toEqual([401, 'invalid_jwt']);
    expect(headers.get('signature-error')).toBeNull();
  });
});
