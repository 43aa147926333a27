import {
  type AgentProvider,
  authToken,
  type Changes,
  flipBit,
  getJson,
  type PersonServer,
  peek,
  present,
  type Resource,
  type Response,
  readPublished,
  readRequirement,
  sign,
  startAgentProvider,
  startPersonServer,
  startResource,
} from '@aauth-stack/by-hand';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createOurAgent } from './our-agent.ts';
import { type OurResource, startOurResource } from './our-resource.ts';

const missionS256 = 'A'.repeat(43);

let personServer: PersonServer;
let provider: AgentProvider;
let ours: OurResource;
let theirs: Resource;

beforeAll(async () => {
  personServer = await startPersonServer();
  provider = await startAgentProvider({ personServer: personServer.issuer });
  ours = await startOurResource('auth-token');
  theirs = await startResource({ access: 'auth-token' });
  return () => Promise.all([theirs, ours, provider, personServer].map((party) => party.close()));
});

describe('a resource token of ours, read by jose alone', () => {
  const personToken = (changes?: Changes) =>
    personServer.personToken(ours.origin, provider.agentKey.publicJwk, changes);

  async function challengeOf(response: Response) {
    expect(response.status).toBe(401);
    expect(response.headers.get('signature-error')).toBeNull();
    const { requirement, parameters } = readRequirement(response.headers.get('aauth-requirement'));
    expect(requirement).toBe('auth-token');
    expect(Object.keys(parameters)).toEqual(['resource-token']);
    return readPublished(`${parameters['resource-token']}`);
  }

  const claimsFor = (presented: string, scope: string) => ({
    iss: ours.origin,
    dwk: 'aauth-resource.json',
    aud: personServer.issuer,
    sub: personServer.subjectAt(ours.origin),
    ps: personServer.issuer,
    presented_jti: peek(presented).claims.jti,
    agent_jkt: provider.agentKey.thumbprint,
    scope,
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iat: expect.any(Number),
    exp: expect.any(Number),
  });

  test('answers a person token, and repeats what that says', async () => {
    const presented = await personToken();
    const { header, claims } = await challengeOf(await present(`${ours.origin}/stock`, presented, provider.agentKey));
    expect(header).toEqual({ alg: 'Ed25519', typ: 'aa-resource+jwt', kid: 'rs-1' });
    expect(claims).toEqual(claimsFor(presented, 'stock:read'));
    expect(Number(claims.exp) - Number(claims.iat)).toBe(300);
    expect(Math.abs(Date.now() / 1000 - Number(claims.iat))).toBeLessThan(5);
  });

  test('repeats the mission and the tenant, and nothing else', async () => {
    const more = { mission_s256: missionS256, tenant: 'acme' };
    const presented = await personToken({
      claims: { ...more, email: 'alice@example.com', agent: 'aauth:a@b.example' },
    });
    const { claims } = await challengeOf(await present(`${ours.origin}/stock`, presented, provider.agentKey));
    expect(claims).toEqual({ ...claimsFor(presented, 'stock:read'), ...more });
  });

  test('has an identifier of its own each time', async () => {
    const presented = await personToken();
    const ask = async () => challengeOf(await present(`${ours.origin}/stock`, presented, provider.agentKey));
    const [first, second] = [await ask(), await ask()];
    expect(first.claims.jti).not.toBe(second.claims.jti);
  });

  test('for a step-up is made from the auth token, and keeps what that grants', async () => {
    const asked = await challengeOf(
      await present(`${ours.origin}/stock`, await personToken({ claims: { tenant: 'acme' } }), provider.agentKey),
    );
    const granted = authToken(personServer, { asked, agentKey: provider.agentKey.publicJwk });
    const presented = await sign(granted, personServer.key);
    expect((await present(`${ours.origin}/stock`, presented, provider.agentKey)).status).toBe(200);
    const response = await present(`${ours.origin}/stock?scope=stock:write`, presented, provider.agentKey);
    expect((await challengeOf(response)).claims).toEqual({
      ...claimsFor(presented, 'stock:read stock:write'),
      tenant: 'acme',
    });
  });

  test('comes from the authorization endpoint for the scope that is asked for', async () => {
    const { authorization_endpoint: endpoint } = await getJson(`${ours.origin}/.well-known/aauth-resource.json`);
    const presented = await personToken();
    const ask = (body: object) =>
      present(`${endpoint}`, presented, provider.agentKey, { method: 'POST', body: JSON.stringify(body) });
    const response = await ask({ scope: 'stock:write' });
    expect(response.status).toBe(200);
    const { resource_token: token, ...rest } = JSON.parse(response.text);
    expect(rest).toEqual({});
    expect((await readPublished(token)).claims).toEqual(claimsFor(presented, 'stock:write'));

    for (const [body, error] of [
      [{ scope: 'stock:sell' }, 'invalid_scope'],
      [{ scope: 'stock:write', account: 'acme' }, 'invalid_account'],
      [{}, 'invalid_request'],
    ] as const) {
      const refused = await ask(body);
      expect({ status: refused.status, body: JSON.parse(refused.text) }).toMatchObject({
        status: 400,
        body: { error },
      });
    }
  });
});

describe('a resource token made by hand, sent to our agent', () => {
  async function call() {
    const agent = createOurAgent(provider, personServer.issuer);
    const response = await agent.fetch(`${theirs.origin}/stock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"item":1}',
    });
    return { status: response.status, events: agent.events };
  }

  test('is exchanged, and the call goes through with the same body', async () => {
    const { status, events } = await call();
    expect(status).toBe(200);
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
    const { body, endpoint } = personServer.requests.at(-1) ?? {};
    expect(endpoint).toBe('auth-token');
    const asked = await readPublished(`${body?.resource_token}`);
    const presented = await readPublished(`${body?.presented_token}`);
    expect(asked.claims.presented_jti).toBe(presented.claims.jti);
    expect(theirs.served.at(-1)?.token).toMatchObject({
      header: { typ: 'aa-auth+jwt' },
      claims: { iss: personServer.issuer, aud: theirs.origin, sub: personServer.subjectAt(theirs.origin) },
    });
    const posts = theirs.received.filter(({ method }) => method === 'POST').slice(-2);
    expect(posts.map(({ body: sent }) => Buffer.from(sent).toString())).toEqual(['{"item":1}', '{"item":1}']);
  });

  test('may ask for nothing in particular, and say what no text knows', async () => {
    theirs.challenge.resourceToken = () => ({ claims: { scope: undefined, r3_uri: 'https://rules.example' } });
    onTestFinished(() => {
      theirs.challenge.resourceToken = () => ({});
    });
    expect((await call()).status).toBe(200);
  });

  const now = Math.floor(Date.now() / 1000);
  const altered: [string, Changes][] = [
    ['the typ of an auth token', { header: { typ: 'aa-auth+jwt' } }],
    ['alg none', { header: { alg: 'none' } }],
    ['a polymorphic alg', { header: { alg: 'EdDSA' } }],
    ['an unknown kid', { header: { kid: 'rs-2' } }],
    ['another iss', { claims: { iss: 'https://resource.example' } }],
    ['the dwk of a Person Server', { claims: { dwk: 'aauth-person.json' } }],
    ['no aud', { claims: { aud: undefined } }],
    ['another ps', { claims: { ps: 'https://ps.example' } }],
    ['no ps', { claims: { ps: undefined } }],
    ['another sub', { claims: { sub: 'bob' } }],
    ['no sub', { claims: { sub: undefined } }],
    ['another presented_jti', { claims: { presented_jti: 'another' } }],
    ['no presented_jti', { claims: { presented_jti: undefined } }],
    ['another agent_jkt', { claims: { agent_jkt: 'A'.repeat(43) } }],
    ['no agent_jkt', { claims: { agent_jkt: undefined } }],
    ['a mission that nobody named', { claims: { mission_s256: missionS256 } }],
    ['a tenant that nobody named', { claims: { tenant: 'acme' } }],
    ['a scope that is no text', { claims: { scope: ['stock:read'] } }],
    ['an exp that has passed', { claims: { iat: now - 301, exp: now - 1 } }],
    ['a lifetime above five minutes', { claims: { iat: now, exp: now + 301 } }],
    ['an iat ahead', { claims: { iat: now + 200, exp: now + 400 } }],
  ];
  test.each(altered)('is not exchanged with %s', async (_, changes) => {
    theirs.challenge.resourceToken = () => changes;
    onTestFinished(() => {
      theirs.challenge.resourceToken = () => ({});
    });
    await expectRefused();
  });

  test.each([
    ['header', '"kid":"'],
    ['claims', '"scope":"'],
    ['claims', '"jti":"'],
    ['signature', ''],
  ] as const)('is not exchanged with one bit of its %s flipped, after %j', async (part, after) => {
    theirs.challenge.alter = (compact) => flipBit(compact, part, after);
    onTestFinished(() => {
      theirs.challenge.alter = (compact) => compact;
    });
    await expectRefused();
  });

  test.each(['mission_s256', 'tenant'])(
    'is not exchanged when it leaves out the %s of the person token',
    async (name) => {
      personServer.changes.person = { claims: { [name]: missionS256 } };
      onTestFinished(() => {
        personServer.changes.person = {};
        theirs.challenge.resourceToken = () => ({});
      });
      expect((await call()).status).toBe(200);
      theirs.challenge.resourceToken = () => ({ claims: { [name]: undefined } });
      await expectRefused();
    },
  );

  async function expectRefused(): Promise<void> {
    const served = theirs.served.length;
    const asked = personServer.received.filter(({ path }) => path === '/auth-token').length;
    await expect(call()).rejects.toMatchObject({ name: 'PeerError', code: 'invalid_resource_token' });
    expect(theirs.served).toHaveLength(served);
    expect(personServer.received.filter(({ path }) => path === '/auth-token')).toHaveLength(asked);
  }
});
