import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identifiers } from '../../test/support/access-world.ts';
import { isCall, presentedToken, setUpAgentAccess } from '../../test/support/agent-access.ts';
import { startGuardedResource } from '../../test/support/guarded-resource.ts';
import { RequestError } from '../errors.ts';
import { nodeKeys } from '../node/keys.ts';
import { decodeTokenForDisplay, signJwt } from '../tokens/jwt.ts';
import type { AgentEvent } from './agent-events.ts';
import { createAgentFetch } from './agent-fetch.ts';
import { createSelfIssuedSession } from './self-issued-session.ts';
import { parseUpstream } from './upstream.ts';

/**
 * Somebody's agent calls a shop; the shop, which is its own agent provider, calls the warehouse for the same person.
 */
async function setUpChain() {
  const setup = await setUpAgentAccess();
  const { resource: shop, personServer, clock } = setup;
  const warehouse = await startGuardedResource(setup, { name: 'warehouse' });
  const session = createSelfIssuedSession({
    issuer: shop.issuer,
    key: shop.key,
    agentLocal: 'shop',
    jwksUri: new URL(`${shop.issuer}/jwks`),
    now: clock.now,
  });
  shop.instead = ({ target }) =>
    target === '/.well-known/aauth-agent.json' ? Response.json(session.metadata) : undefined;
  const events: AgentEvent[] = [];
  const asShop = createAgentFetch({
    fetch: setup.http,
    credentials: session.credentials,
    discovery: setup.discovery(),
    identifiers,
    keys: nodeKeys,
    now: clock.now,
    sleep: setup.sleep,
    onEvent: (event) => events.push(event),
  });
  /** What a caller of the shop presented last. */
  const upstream = () => presentedToken(shop.server.received.findLast(isCall));
  const downstream = `${warehouse.issuer}/stock`;
  return { ...setup, shop, personServer, warehouse, session, asShop, upstream, downstream, events };
}

const subjectOf = (token: string) => decodeTokenForDisplay(token)?.claims.sub;

describe('a resource that calls another for its caller', () => {
  it('gets its own tokens for the same person, with another directed identifier', async () => {
    const { agentFetch, url, asShop, upstream, downstream, warehouse, shop, personServer, events } = await setUpChain();
    await agentFetch(url);
    const token = upstream();
    expect((await asShop.withUpstream(token)(downstream, { method: 'POST', body: 'more' })).status).toBe(200);
    const chained = personServer.asked.slice(2);
    expect(chained.map(({ endpoint, agent, body }) => [endpoint, agent, body.upstream_token])).toEqual([
      ['person-token', `aauth:shop@${new URL(shop.issuer).host}`, token],
      ['auth-token', `aauth:shop@${new URL(shop.issuer).host}`, token],
    ]);
    const [reached] = warehouse.reached;
    const principal = reached?.principal.level === 'authorized' ? reached.principal : undefined;
    expect(principal?.personServer).toBe(personServer.issuer);
    expect(principal?.subject).not.toBe(subjectOf(token));
    expect(principal?.subject).toContain('aauth-shopper');
    expect(events.filter((event) => 'chained' in event)).toMatchObject([{ chained: true }, { chained: true }]);
    expect(warehouse.server.received.filter(isCall).map(presentedToken)).not.toContain(token);
  });

  it('chains on a person token too, and asks the person server that issued it', async () => {
    const { agentFetch, url, asShop, downstream, shop, warehouse } = await setUpChain();
    await agentFetch(url);
    const [personToken = ''] = shop.server.received.filter(isCall).map(presentedToken);
    expect(decodeTokenForDisplay(personToken)?.header.typ).toBe('aa-person+jwt');
    expect((await asShop.withUpstream(personToken)(downstream)).status).toBe(200);
    expect(warehouse.reached).toHaveLength(1);
  });

  it('begins with a person token where nothing says what the resource wants, and with its agent token where that is it', async () => {
    const { agentFetch, url, asShop, upstream, downstream, warehouse, personServer } = await setUpChain();
    await agentFetch(url);
    const types = () =>
      warehouse.server.received
        .filter(isCall)
        .map((request) => decodeTokenForDisplay(presentedToken(request))?.header.typ);
    warehouse.metadata = { ...warehouse.metadata, access_mode: undefined };
    await asShop.withUpstream(upstream())(downstream);
    expect(types()).toEqual(['aa-person+jwt', 'aa-auth+jwt']);
    const other = await setUpChain();
    other.warehouse.metadata = { ...other.warehouse.metadata, access_mode: 'agent-token' };
    await other.agentFetch(other.url);
    other.warehouse.instead = () => new Response(null, { status: 204 });
    expect((await other.asShop.withUpstream(other.upstream())(other.downstream)).status).toBe(204);
    expect(other.personServer.asked).toHaveLength(2);
    expect(personServer.asked).toHaveLength(4);
  });

  it('keeps what it has for one caller from every other', async () => {
    const { agentFetch, url, agent, asShop, upstream, downstream, warehouse, personServer } = await setUpChain();
    await agentFetch(url);
    const first = upstream();
    await agent.rotate();
    await agentFetch(url);
    const second = upstream();
    expect(second).not.toBe(first);
    const before = personServer.asked.length;
    await asShop.withUpstream(first)(downstream);
    await asShop.withUpstream(first)(downstream);
    expect(personServer.asked).toHaveLength(before + 2);
    await asShop.withUpstream(second)(downstream);
    expect(personServer.asked).toHaveLength(before + 4);
    // And the shop itself has nobody's person.
    await expect(asShop(downstream)).rejects.toMatchObject({ code: 'unsupported_requirement' });
    const tokens = warehouse.server.received.filter(isCall).map(presentedToken);
    expect(new Set(tokens.slice(0, 3)).intersection(new Set(tokens.slice(3, 5))).size).toBe(0);
  });

  it('shares one exchange among fifty concurrent calls for one caller, not among callers', async () => {
    const { agentFetch, url, agent, asShop, upstream, downstream, personServer } = await setUpChain();
    await agentFetch(url);
    const first = upstream();
    await agent.rotate();
    await agentFetch(url);
    const fetches = [asShop.withUpstream(first), asShop.withUpstream(upstream())];
    const before = personServer.asked.length;
    await Promise.all(Array.from({ length: 50 }, (_, index) => fetches[index % 2]?.(downstream)));
    expect(personServer.asked).toHaveLength(before + 4);
  });

  it.each([
    [
      'for another audience',
      async (setup: Awaited<ReturnType<typeof setUpChain>>) => {
        await setup.asShop.withUpstream(setup.upstream())(setup.downstream);
        return presentedToken(setup.warehouse.server.received.findLast(isCall));
      },
      'invalid_upstream_token',
    ],
    [
      'that has expired',
      async (setup: Awaited<ReturnType<typeof setUpChain>>) => {
        const token = setup.upstream();
        setup.clock.advance(3600);
        return token;
      },
      'expired_upstream_token',
    ],
  ] as const)('cannot use an upstream token %s', async (_, prepare, code) => {
    const setup = await setUpChain();
    await setup.agentFetch(setup.url);
    const token = await prepare(setup);
    const reached = setup.warehouse.reached.length;
    await expect(setup.asShop.withUpstream(token)(`${setup.warehouse.issuer}/other`)).rejects.toMatchObject({
      name: 'PeerError',
      code,
      status: 400,
    });
    expect(setup.warehouse.reached).toHaveLength(reached);
  });

  it('asks a person server that nobody configured through the fetch for peers, and its own through its own', async () => {
    const setup = await setUpChain();
    await setup.agentFetch(setup.url);
    const asked: string[] = [];
    const options = {
      fetch: setup.http,
      credentials: setup.session.credentials,
      discovery: setup.discovery(),
      identifiers,
      keys: nodeKeys,
      now: setup.clock.now,
      peerFetch: (...[input, init]: Parameters<typeof fetch>) => {
        asked.push(`${init?.method} ${input}`);
        return setup.http(input, init);
      },
    };
    const { personServer } = setup;
    const call = (own?: typeof personServer.issuer) =>
      createAgentFetch({ ...options, personServer: own }).withUpstream(setup.upstream())(setup.downstream);
    expect((await call(personServer.issuer)).status).toBe(200);
    expect(asked).toEqual([]);
    setup.clock.advance(1);
    expect((await call()).status).toBe(200);
    expect(asked).toEqual([`POST ${personServer.issuer}/person-token`, `POST ${personServer.issuer}/auth-token`]);
  });

  it('is not sent around by a person server that nobody configured', async () => {
    const { agentFetch, url, asShop, upstream, downstream, personServer, shop } = await setUpChain();
    await agentFetch(url);
    personServer.metadata = {
      person_token_endpoint: `${shop.issuer}/internal`,
      auth_token_endpoint: `${shop.issuer}/internal`,
    };
    const received = shop.server.received.length;
    await expect(asShop.withUpstream(upstream())(downstream)).rejects.toMatchObject({
      code: 'invalid_response',
      message: expect.stringContaining('is on another host'),
    });
    expect(shop.server.received.slice(received).filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('an upstream token', () => {
  const issuer = 'https://ps.example';
  const sign = async (type: string, claims: object) => {
    const key = await nodeKeys.signingKey(await nodeKeys.generate('Ed25519'));
    return signJwt(type, { ...claims }, key);
  };

  it('names its person server: a person token by iss, an auth token by ps', async () => {
    const person = await sign('aa-person+jwt', { iss: issuer, ps: 'https://other.example' });
    expect(parseUpstream(person, identifiers)).toEqual({ token: person, personServer: issuer });
    const auth = await sign('aa-auth+jwt', { iss: 'https://as.example', ps: issuer });
    expect(parseUpstream(auth, identifiers)).toEqual({ token: auth, personServer: issuer });
  });

  it.each([
    ['an agent token', 'aa-agent+jwt', { iss: issuer, ps: issuer }],
    ['a resource token', 'aa-resource+jwt', { iss: issuer, ps: issuer }],
    ['an auth token without ps', 'aa-auth+jwt', { iss: issuer }],
    ['a person token whose iss is no server', 'aa-person+jwt', { iss: 'http://ps.example' }],
  ])('is not %s', async (_, type, claims) => {
    const token = await sign(type, claims);
    expect(() => parseUpstream(token, identifiers)).toThrow(RequestError);
  });

  it('is nothing that does not parse, and nothing that does not parse breaks it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `${btoa(encodeURI(text))}.e30.x`),
        ),
        (text) => {
          expect(() => parseUpstream(text, identifiers)).toThrow(RequestError);
        },
      ),
    );
  });
});
