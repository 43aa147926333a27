import { type Changes, createKeyPair, flipBit, type Presentation, sendSigned } from '@aauth-stack/by-hand';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { components, problemOf, type Sender, startHandMadeWorld } from '../test/hand-made-world.ts';

const world = await startHandMadeWorld();
const { origin, provider, resource, intermediary, agent, post, personToken, challenge } = world;
afterAll(world.close);
afterEach(() => {
  resource.challenge.resourceToken = () => ({});
  resource.challenge.alter = (compact) => compact;
});

describe('an exchange is refused', () => {
  const time = Math.floor(Date.now() / 1000);

  /** Exchanges what the resource answers, after having seen that it would be granted as it is. */
  async function exchangeAltered(changes: Changes, alter: (compact: string) => string): Promise<object> {
    const presented = await personToken();
    const usual = { resource_token: await challenge(presented), presented_token: presented };
    expect((await post('/auth-token', usual, await agent())).status).toBe(200);
    resource.challenge.resourceToken = () => changes;
    resource.challenge.alter = alter;
    const altered = { resource_token: await challenge(presented), presented_token: presented };
    return problemOf(await post('/auth-token', altered, await agent()));
  }
  const badRequest = (error: string) => ({ status: 400, error, signatureError: null });

  const altered: [string, Changes, string?][] = [
    ['the typ of an auth token', { header: { typ: 'aa-auth+jwt' } }],
    ['alg none', { header: { alg: 'none' } }],
    ['a polymorphic alg', { header: { alg: 'EdDSA' } }],
    ['an unknown kid', { header: { kid: 'rs-2' } }],
    ['another iss', { claims: { iss: 'https://resource.example' } }],
    ['the dwk of a Person Server', { claims: { dwk: 'aauth-person.json' } }],
    ['another aud', { claims: { aud: 'https://ps.example' } }],
    ['another ps', { claims: { ps: 'https://ps.example' } }],
    ['another sub', { claims: { sub: 'bob' } }],
    ['no sub', { claims: { sub: undefined } }],
    ['another presented_jti', { claims: { presented_jti: 'another' } }],
    ['no presented_jti', { claims: { presented_jti: undefined } }],
    ['another agent_jkt', { claims: { agent_jkt: 'A'.repeat(43) } }],
    ['a mission', { claims: { mission_s256: 'A'.repeat(43) } }],
    ['a tenant', { claims: { tenant: 'acme' } }],
    ['a scope that its resource does not describe', { claims: { scope: 'stock:read stock:sell' } }],
    ['a lifetime above five minutes', { claims: { iat: time, exp: time + 301 } }],
    ['an exp that has passed', { claims: { iat: time - 301, exp: time - 1 } }, 'expired_resource_token'],
    ['an iat ahead', { claims: { iat: time + 200, exp: time + 400 } }, 'clock_skew'],
  ];
  test.each(altered)('for a resource token with %s', async (_, changes, code = 'invalid_resource_token') => {
    expect(await exchangeAltered(changes, (compact) => compact)).toEqual(badRequest(code));
  });

  test.each([
    ['header', '"kid":"'],
    ['claims', '"scope":"'],
    ['claims', '"jti":"'],
    ['signature', ''],
  ] as const)('for a resource token with one bit of its %s flipped, after %j', async (part, after) => {
    expect(await exchangeAltered({}, (compact) => flipBit(compact, part, after))).toEqual(
      badRequest('invalid_resource_token'),
    );
  });

  test('for a presented token that is missing, altered, none, or of another resource', async () => {
    const presented = await personToken();
    const resourceTokenOf = await challenge(presented);
    const elsewhere = await personToken({ at: intermediary });
    const exchange = async (presentedToken: unknown) =>
      problemOf(
        await post('/auth-token', { resource_token: resourceTokenOf, presented_token: presentedToken }, await agent()),
      );
    expect(await exchange(undefined)).toEqual(badRequest('invalid_request'));
    expect(await exchange(flipBit(presented, 'signature'))).toEqual(badRequest('invalid_presented_token'));
    expect(await exchange(flipBit(presented, 'claims', '"sub":"'))).toEqual(badRequest('invalid_presented_token'));
    expect(await exchange(await provider.token())).toEqual(badRequest('invalid_presented_token'));
    expect(await exchange(elsewhere)).toEqual(badRequest('invalid_resource_token'));
    const { text } = await post(
      '/auth-token',
      { resource_token: resourceTokenOf, presented_token: presented },
      await agent(),
    );
    expect(JSON.parse(text)).toHaveProperty('auth_token');
  });

  test('to an agent with another key', async () => {
    const presented = await personToken();
    const exchange = { resource_token: await challenge(presented), presented_token: presented };
    const key = await createKeyPair('next');
    const next = { token: await provider.token({ claims: { cnf: { jwk: key.publicJwk } } }), key };
    expect(problemOf(await post('/auth-token', exchange, next))).toEqual(badRequest('invalid_resource_token'));
    expect((await post('/auth-token', exchange, await agent())).status).toBe(200);
  });
});

describe('a request for a token is refused', () => {
  const time = Math.floor(Date.now() / 1000);
  const ask = (sender: Sender, options?: Presentation) =>
    post('/person-token', { resource: resource.origin }, sender, options);
  const unauthenticated = (code: string) => ({ status: 401, error: code, signatureError: `error=${code}` });

  const altered: [string, Changes, string][] = [
    ['the typ of a person token', { header: { typ: 'aa-person+jwt' } }, 'invalid_jwt'],
    ['an unknown kid', { header: { kid: 'ap-2' } }, 'unknown_key'],
    ['an untrusted iss', { claims: { iss: 'https://ap.example', sub: 'aauth:buyer@ap.example' } }, 'invalid_jwt'],
    ['an agent of another domain', { claims: { sub: 'aauth:buyer@ap.example' } }, 'invalid_jwt'],
    ['an exp that has passed', { claims: { iat: time - 61, exp: time - 1 } }, 'expired_jwt'],
    ['a lifetime above a day', { claims: { iat: time, exp: time + 86_401 } }, 'invalid_jwt'],
  ];
  test.each(altered)('with an agent token with %s', async (_, changes, code) => {
    expect((await ask(await agent())).status).toBe(200);
    expect(problemOf(await ask(await agent(changes)))).toEqual(unauthenticated(code));
  });

  test('of an agent that no person has approved', async () => {
    const stranger = `aauth:stranger@${new URL(provider.issuer).host}`;
    expect(problemOf(await ask(await agent({ claims: { sub: stranger } })))).toEqual({
      status: 403,
      error: 'user_unreachable',
      signatureError: null,
    });
  });

  test('whose body is not covered, or not the one that was signed', async () => {
    const components = ['@method', '@authority', '@path', 'signature-key'];
    expect((await ask(await agent())).status).toBe(200);
    const { status, headers } = await ask(await agent(), { components });
    expect(status).toBe(401);
    expect(headers.get('signature-error')).toBe(
      'error=invalid_input, required_input=("@method" "@authority" "@path" "signature-key" "content-type" "content-digest")',
    );
    const swapped = await ask(await agent(), {
      alter: (request) => Object.assign(request, { body: JSON.stringify({ resource: intermediary.origin }) }),
    });
    expect(problemOf(swapped)).toEqual(unauthenticated('invalid_signature'));
  });

  test('by a bare key, or by a server', async () => {
    for (const signatureKey of [
      { type: 'hwk' },
      { type: 'jwks_uri', id: provider.issuer, dwk: 'aauth-agent.json', kid: provider.key.kid },
    ] as const) {
      const { status, headers } = await sendSigned(`${origin}/person-token`, signatureKey, provider.key, {
        method: 'POST',
        body: JSON.stringify({ resource: resource.origin }),
        components,
      });
      expect(status).toBe(401);
      expect(headers.get('signature-error')).toBe('error=unsupported_scheme');
      expect(headers.get('accept-signature-scheme')).toBe('jwt');
    }
  });
});
