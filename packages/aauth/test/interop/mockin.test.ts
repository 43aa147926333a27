import {
  type AgentProvider,
  getJson,
  type Members,
  now,
  type Presentation,
  present,
  type Resource,
  readPublished,
  readRequirement,
  send,
  startAgentProvider,
  startResource,
} from '@aauth-stack/by-hand';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentEvent } from '../../src/agent/index.ts';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { createTokenVerifier } from '../../src/tokens/index.ts';
import { createOurAgent, type OurAgentOptions } from '../independent/our-agent.ts';
import { createOurDiscovery, identifiers, type OurResource, startOurResource } from '../independent/our-resource.ts';
import { type Mockin, startMockin } from './mockin.ts';

// The mock Person Server of the draft's author. Its draft is an earlier one of -11: what is named differently there is held here.
let mockin: Mockin;
let provider: AgentProvider;
/** Wants person tokens, and is ours. */
let identity: OurResource;
/** Wants auth tokens, and is made by hand. */
let theirs: Resource;

beforeAll(async () => {
  mockin = await startMockin();
  provider = await startAgentProvider({ personServer: mockin.issuer });
  identity = await startOurResource('person-token');
  theirs = await startResource({ access: 'auth-token' });
  return async () => {
    await Promise.all([theirs, identity, provider].map((party) => party.close()));
    await mockin.stop();
  };
});
beforeEach(async () => {
  await mockin.reset();
  theirs.challenge.resourceToken = () => ({});
});

const agent = (options?: OurAgentOptions) => createOurAgent(provider, mockin.issuer, options);

describe('discovery', () => {
  test('its metadata has the members of today at paths of its own, and none for missions, revocation or scopes', async () => {
    expect(await getJson(`${mockin.issuer}/.well-known/aauth-person.json`)).toEqual({
      issuer: mockin.issuer,
      name: 'Mockin Person Server',
      description: '**Mockin** — a mock Person Server for AAuth testing.',
      jwks_uri: `${mockin.issuer}/aauth/jwks.json`,
      person_token_endpoint: `${mockin.issuer}/aauth/token/person`,
      auth_token_endpoint: `${mockin.issuer}/aauth/token/auth`,
      permission_endpoint: `${mockin.issuer}/aauth/permission`,
      audit_endpoint: `${mockin.issuer}/aauth/audit`,
      interaction_endpoint: `${mockin.issuer}/aauth/interaction`,
      bootstrap_endpoint: `${mockin.issuer}/aauth/bootstrap`,
    });
  });

  test('we take its metadata and its key', async () => {
    const { keys } = await getJson(`${mockin.issuer}/aauth/jwks.json`);
    expect(keys).toEqual([expect.objectContaining({ kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519', use: 'sig' })]);
    const [{ kid }] = Array.isArray(keys) ? keys : [];
    const issuer = parseServerIdentifier(mockin.issuer, identifiers);
    const key = await createOurDiscovery().key(issuer, 'aauth-person.json', kid);
    expect(key.alg).toBe('Ed25519');
  });
});

describe('person tokens', () => {
  test('our agent gets one, and our resource serves on it', async () => {
    const { fetch, events } = agent();
    expect((await fetch(`${identity.origin}/stock`)).status).toBe(200);
    expect(events.map(({ type }) => type)).toEqual([
      'metadata-read',
      'person-token-requested',
      'person-token-received',
      'presented',
    ]);
    expect(identity.admitted.at(-1)).toMatchObject({
      level: 'person',
      personServer: mockin.issuer,
      subject: expect.stringMatching(/^[\w-]{43}$/),
      jkt: provider.agentKey.thumbprint,
    });
  });

  test('have the claims of today and end with the agent token', async () => {
    const exp = now() + 600;
    const { status, text } = await ask({ resource: identity.origin }, { token: { exp } });
    expect(status).toBe(200);
    const { person_token: token, expires_in: expiresIn, ...rest } = JSON.parse(text);
    expect(rest).toEqual({});
    expect(expiresIn).toBeLessThanOrEqual(600);
    expect(await readPublished(token)).toEqual({
      header: { alg: 'Ed25519', typ: 'aa-person+jwt', kid: expect.stringMatching(/^aauth-/) },
      claims: {
        iss: mockin.issuer,
        dwk: 'aauth-person.json',
        aud: identity.origin,
        sub: expect.any(String),
        cnf: { jwk: provider.agentKey.publicJwk },
        jti: expect.any(String),
        iat: expect.any(Number),
        exp,
      },
    });
  });

  test('difference: it issues none for a resource under a name of localhost', async () => {
    const named = 'http://inventory.localhost:3000';
    const { status, text } = await ask({ resource: named });
    expect([status, JSON.parse(text)]).toEqual([
      400,
      { error: 'invalid_request', detail: `resource "${named}" must use the https scheme` },
    ]);
  });

  test('difference: call chaining is not there', async () => {
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
  /** What its draft calls the identifier of the token that was presented. */
  const nameItTheirWay = () => {
    theirs.challenge.resourceToken = ({ claims }) => ({ claims: { person_token_jti: claims.jti } });
  };

  test('difference: it wants person_token_jti where resource tokens have presented_jti, so it exchanges none of ours', async () => {
    const ours = await startOurResource('auth-token');
    const refused = { name: 'PeerError', code: 'invalid_resource_token', status: 400 };
    const message = expect.stringContaining('resource_token missing person_token_jti');
    await expect(agent().fetch(`${ours.origin}/stock`)).rejects.toMatchObject({ ...refused, message });
    await ours.close();
    await expect(agent().fetch(`${theirs.origin}/stock`)).rejects.toMatchObject({ ...refused, message });
  });

  test('with both names in the resource token the whole flow goes through', async () => {
    nameItTheirWay();
    const { fetch, events } = agent({ capabilities: ['interaction'] });
    expect((await fetch(`${theirs.origin}/stock`)).status).toBe(200);
    expect(events.map(({ type }) => type)).toEqual([
      'metadata-read',
      'person-token-requested',
      'person-token-received',
      'presented',
      'challenged',
      'exchange-requested',
      'exchange-received',
      'retried',
      'presented',
    ]);
    const { token } = theirs.served.at(-1) ?? {};
    expect(token?.header.typ).toBe('aa-auth+jwt');
    expect(token?.claims).toEqual({
      iss: mockin.issuer,
      dwk: 'aauth-person.json',
      ps: mockin.issuer,
      aud: theirs.origin,
      sub: expect.any(String),
      scope: 'stock:read',
      cnf: { jwk: provider.agentKey.publicJwk },
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
  });

  test('are verified as ours are', async () => {
    nameItTheirWay();
    await agent().fetch(`${theirs.origin}/stock`);
    const verify = createTokenVerifier({
      discovery: createOurDiscovery(),
      identifiers,
      accepts: ['aa-auth+jwt'],
      audience: parseServerIdentifier(theirs.origin, identifiers),
    });
    const token = await verify(theirs.served.at(-1)?.compact ?? '');
    expect(token).toMatchObject({ issuer: mockin.issuer, personServer: mockin.issuer, scope: ['stock:read'] });
    expect(token.key.thumbprint).toBe(provider.agentKey.thumbprint);
  });

  test('difference: they outlive the agent token and the person token', async () => {
    nameItTheirWay();
    const exp = now() + 600;
    expect((await agent({ changes: { claims: { exp } } }).fetch(`${theirs.origin}/stock`)).status).toBe(200);
    const { claims = {} } = theirs.served.at(-1)?.token ?? {};
    expect(claims.exp).toBe(Number(claims.iat) + 3600);
    expect(claims.exp).toBeGreaterThan(exp);
  });

  test('difference: it looks the person token up and takes no presented_token', async () => {
    nameItTheirWay();
    const { person_token: presented } = JSON.parse((await ask({ resource: theirs.origin })).text);
    const challenged = await present(`${theirs.origin}/stock`, presented, provider.agentKey);
    const { parameters } = readRequirement(challenged.headers.get('aauth-requirement'));
    const body = { resource_token: parameters['resource-token'] };
    for (const more of [{ presented_token: presented }, { presented_token: 'none' }, {}]) {
      expect((await ask({ ...body, ...more }, { path: '/aauth/token/auth' })).status).toBe(200);
    }
  });

  test('an interaction is announced as it is today; the agent polls until the person was there', async () => {
    nameItTheirWay();
    await mockin.mock({ requirement: 'interaction', auto_approve: false });
    const slept: number[] = [];
    const { fetch, events } = agent({
      sleep: async (seconds) => {
        slept.push(seconds);
        if (slept.length === 2) expect((await send(pageFor(events))).status).toBe(200);
      },
    });
    expect((await fetch(`${theirs.origin}/stock`)).status).toBe(200);
    expect(slept).toEqual([0, 5]);
    const [deferred] = events.filter(({ type }) => type === 'deferred');
    expect(deferred).toMatchObject({
      awaiting: 'auth-token',
      server: mockin.issuer,
      pending: {
        status: 'pending',
        requirement: { requirement: 'interaction', parameters: { url: `${mockin.issuer}/aauth/consent` } },
      },
    });
  });

  test('an approval ends with the next poll', async () => {
    nameItTheirWay();
    await mockin.mock({ requirement: 'approval' });
    const { fetch, events } = agent({ sleep: async () => undefined });
    expect((await fetch(`${theirs.origin}/stock`)).status).toBe(200);
    const [deferred] = events.filter(({ type }) => type === 'deferred');
    expect(deferred).toMatchObject({ pending: { requirement: { requirement: 'approval', parameters: {} } } });
  });

  test.each([
    ['denied', 403],
    ['invalid_scope', 400],
    ['server_error', 500],
  ])('its refusal %s reaches the caller with its code and its detail', async (error, status) => {
    nameItTheirWay();
    await mockin.mock({ error, error_endpoint: 'token' });
    await expect(agent().fetch(`${theirs.origin}/stock`)).rejects.toMatchObject({
      name: 'PeerError',
      code: error,
      status,
      message: expect.stringContaining(`Mock error: ${error}`),
    });
  });
});

describe('signatures', () => {
  test('difference: @query is covered without its "?", so our agent leaves it out towards a Person Server', async () => {
    const covering = agent({ additionalComponentsFor: () => ['@query'] });
    await expect(covering.fetch(`${identity.origin}/stock`)).rejects.toMatchObject({
      name: 'PeerError',
      code: 'signature_verification_failed',
      status: 401,
    });
    expect((await agent().fetch(`${identity.origin}/stock`)).status).toBe(200);
  });

  test('difference: an unsigned request gets Accept-Signature and no Signature-Error', async () => {
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

  test('difference: its body has one code for every signature that does not hold; Signature-Error says which', async () => {
    const altered = await ask(
      { resource: identity.origin },
      { alter: (request) => Object.assign(request, { body: '{"resource":"https://resource.example"}' }) },
    );
    expect(altered.status).toBe(401);
    expect(JSON.parse(altered.text).error).toBe('signature_verification_failed');
    expect(altered.headers.get('signature-error')).toBe('error=invalid_input');
  });

  test('difference: required_input names what is missing and not all that is required', async () => {
    const withoutType = ['@method', '@authority', '@path', 'signature-key'];
    const { status, headers } = await ask({ resource: identity.origin }, { components: withoutType });
    expect(status).toBe(401);
    expect(headers.get('signature-error')).toBe('error=invalid_input, required_input=("content-type")');
  });

  test('difference: an agent token that has expired is a plain invalid_jwt without Signature-Error', async () => {
    const { status, headers, text } = await ask({ resource: identity.origin }, { token: { exp: now() - 1 } });
    expect([status, JSON.parse(text).error]).toEqual([401, 'invalid_jwt']);
    expect(headers.get('signature-error')).toBeNull();
  });
});

interface Question extends Presentation {
  readonly path?: string;
  /** What is changed in the claims of the agent token. */
  readonly token?: Members;
}

/** What mockin answers to a question that a hand-made agent signs; for a person token, unless `path` says another. */
async function ask(body: object, { token = {}, path = '/aauth/token/person', ...options }: Question = {}) {
  return present(`${mockin.issuer}${path}`, await provider.token({ claims: token }), provider.agentKey, {
    method: 'POST',
    body: JSON.stringify(body),
    components: ['@method', '@authority', '@path', 'signature-key', 'content-type'],
    ...options,
  });
}

/** Where the person is to go. */
function pageFor(events: readonly AgentEvent[]): string {
  const deferred = events.find((event) => event.type === 'deferred');
  const { url, code } = deferred?.pending.requirement?.parameters ?? {};
  return `${url}?code=${code}`;
}
