import { describe, expect, it } from 'vitest';
import { setUpAgentAccess } from '../../test/support/agent-access.ts';
import { createKey } from '../../test/support/keys.ts';
import type { TestPersonServer } from '../../test/support/person-server.ts';
import { DeferredError, PeerError, UnavailableError } from '../errors.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import type { SigningKey } from '../keys/types.ts';
import type { RequirementInit } from '../requirement.ts';

type Setup = Awaited<ReturnType<typeof setUpAgentAccess>>;

const elsewhere = parseServerIdentifier('https://elsewhere.example', { allowLoopback: false });
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (reason: unknown) => reason,
  );

/** Answers the POSTs to one endpoint in the person server's place. */
function answerInstead(personServer: TestPersonServer, endpoint: string, answer: () => Response | 'drop'): void {
  personServer.instead = ({ target, method }) =>
    method === 'POST' && target === `/${endpoint}` ? answer() : undefined;
}

const problem = (status: number, error: string, headers?: Record<string, string>) => () =>
  Response.json({ error, detail: `Because of ${error}.` }, { status, headers });

describe('a person token', () => {
  it.each<[string, string, (setup: Setup) => Partial<TestPersonServer['personClaims']> | Promise<object>]>([
    ['for another resource', 'is for https://elsewhere.example', () => ({ audience: elsewhere })],
    ['of another issuer', 'are not accepted here', () => ({ issuer: elsewhere })],
    ['for another key', 'its cnf is', async () => ({ cnf: (await createKey()).publicJwk })],
    ['signed by another key', 'signature is not by key', async () => ({ key: await createKey('person-server-1') })],
    ['that has expired', 'expired', ({ clock }) => ({ now: () => clock.now() - 3600 })],
  ])('%s is not presented', async (_, detail, claims) => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, personServer, presented } = setup;
    personServer.personClaims = await claims(setup);
    const error = await failure(agentFetch(url));
    expect(error).toMatchObject({ name: 'PeerError', code: 'invalid_response', status: 502 });
    expect(error).toMatchObject({ message: expect.stringContaining(detail) });
    expect(error).toMatchObject({ message: expect.stringContaining(`The person token of ${personServer.issuer}`) });
    expect(presented()).toEqual([]);
    personServer.personClaims = {};
    expect((await agentFetch(url)).status).toBe(200);
  });
});

describe('an auth token', () => {
  it.each<[string, string, (setup: Setup) => object | Promise<object>]>([
    ['for another resource', 'is for https://elsewhere.example', () => ({ audience: elsewhere })],
    ['of another issuer', 'cannot be used', () => ({ issuer: elsewhere, personServer: elsewhere })],
    ['of an access server that nobody named', 'are not accepted here', () => ({ dwk: 'aauth-access.json' })],
    ['for another key', 'its cnf is', async () => ({ cnf: (await createKey()).publicJwk })],
    ['for another person', 'its sub is somebody-else', () => ({ subject: 'somebody-else' })],
    ['signed by another key', 'signature is not by key', async () => ({ key: await createKey('person-server-1') })],
  ])('%s is not presented', async (_, detail, claims) => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, personServer, resource, presented } = setup;
    personServer.authClaims = await claims(setup);
    const error = await failure(agentFetch(url));
    expect(error).toMatchObject({ name: 'PeerError', code: 'invalid_response', status: 502 });
    expect(error).toMatchObject({ message: expect.stringContaining(detail) });
    expect(presented()).toEqual(['person']);
    expect(resource.reached).toEqual([]);
    personServer.authClaims = {};
    expect((await agentFetch(url)).status).toBe(200);
  });

  it('of the resource’s access server is presented, if it is for the person of this person server', async () => {
    const { agentFetch, url, personServer, resource, presented } = await setUpAgentAccess();
    const accessServer = personServer.issuer.replace('person-server', 'access-server');
    const issuer = parseServerIdentifier(accessServer, { allowLoopback: true });
    resource.tamper = { claims: { aud: issuer } };
    personServer.instead = ({ target }) =>
      target === '/.well-known/aauth-access.json' ? Response.json({ issuer, jwks_uri: `${issuer}/jwks` }) : undefined;
    personServer.authClaims = { issuer, dwk: 'aauth-access.json' };
    // The resource of this test accepts no access server and says no; the agent cannot know.
    expect((await agentFetch(url)).status).toBe(401);
    expect(presented().slice(0, 2)).toEqual(['person', 'auth']);

    personServer.authClaims = { issuer, dwk: 'aauth-access.json', personServer: elsewhere };
    await expect(agentFetch(url)).rejects.toMatchObject({
      code: 'invalid_response',
      message: expect.stringContaining('its ps is https://elsewhere.example'),
    });
    personServer.authClaims = { issuer: personServer.issuer };
    await expect(agentFetch(url)).rejects.toMatchObject({
      code: 'invalid_response',
      message: expect.stringContaining('are not accepted here'),
    });
  });
});

describe('a person server that refuses', () => {
  it.each([
    [400, 'invalid_request'],
    [403, 'denied'],
    [403, 'user_unreachable'],
    [400, 'invalid_resource_token'],
    [400, 'clock_skew'],
    [500, 'server_error'],
    [502, 'as_unreachable'],
  ])('with %i %s is quoted', async (status, code) => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    for (const endpoint of ['person-token', 'auth-token']) {
      answerInstead(personServer, endpoint, problem(status, code));
      const error = await failure(agentFetch(url));
      expect(error).toBeInstanceOf(PeerError);
      expect(error).toMatchObject({
        code,
        status,
        message: `The Person Server at ${personServer.issuer} answered ${status} ${code}: Because of ${code}.`,
      });
    }
    personServer.instead = undefined;
    expect((await agentFetch(url)).status).toBe(200);
  });

  it.each<[string, () => Response]>([
    ['no JSON', () => new Response('<html>', { status: 200 })],
    ['no token', () => Response.json({ person_token: 1, auth_token: null })],
    ['a status without a code', () => new Response('gone', { status: 418 })],
    ['another status than 200', () => Response.json({ person_token: 'e30.e30.AA' }, { status: 201 })],
    ['a redirect', () => new Response(null, { status: 307, headers: { location: 'https://elsewhere.example' } })],
  ])('to make sense, with %s, is an error', async (_, answer) => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    for (const endpoint of ['person-token', 'auth-token']) {
      answerInstead(personServer, endpoint, answer);
      await expect(agentFetch(url)).rejects.toMatchObject({ name: 'PeerError', code: 'invalid_response', status: 502 });
    }
  });

  it.each(['expired_jwt', 'revoked_jwt'])('the agent token with %s gets another one, once', async (code) => {
    const { agentFetch, url, personServer, agent, presented } = await setUpAgentAccess();
    const refuse = problem(401, code, { 'signature-error': `error=${code}` });
    for (const endpoint of ['person-token', 'auth-token']) {
      let refusals = 1;
      personServer.instead = ({ target, method }) =>
        method === 'POST' && target === `/${endpoint}` && refusals-- > 0 ? refuse() : undefined;
      expect((await agentFetch(url)).status).toBe(200);
      expect(agent.refusals.splice(0)).toEqual([code]);
      await agent.rotate();
    }
    // The first call began again before it had a person token, the second after it had been challenged.
    expect(presented()).toEqual(['person', 'auth', 'person', 'person', 'auth']);

    answerInstead(personServer, 'person-token', refuse);
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'PeerError', code, status: 401 });
    expect(agent.refusals).toEqual([code]);
    agent.renews = false;
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'PeerError', code, status: 401 });
  });

  it.each(['expired_presented_token', 'revoked_presented_token', 'invalid_presented_token'])(
    'what was presented with %s gets a fresh person token',
    async (code) => {
      const { agentFetch, url, personServer, presented, events } = await setUpAgentAccess();
      let refusals = 1;
      personServer.instead = ({ target }) =>
        target === '/auth-token' && refusals-- > 0 ? problem(400, code)() : undefined;
      expect((await agentFetch(url)).status).toBe(200);
      expect(presented()).toEqual(['person', 'person', 'auth']);
      expect(personServer.count('person-token')).toBe(2);
      expect(events.find(({ type }) => type === 'retried')).toMatchObject({ because: 'renew-person-token' });

      personServer.instead = ({ target }) => (target === '/auth-token' ? problem(400, code)() : undefined);
      await expect(agentFetch(new URL('/write', url))).rejects.toMatchObject({ code, status: 400 });
    },
  );

  it('a resource token that expired on the way gets another one from the resource', async () => {
    const { agentFetch, url, personServer, presented, events } = await setUpAgentAccess();
    const refuse = problem(400, 'expired_resource_token');
    let refusals = 1;
    personServer.instead = ({ target }) => (target === '/auth-token' && refusals-- > 0 ? refuse() : undefined);
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'person', 'auth']);
    expect(events.find(({ type }) => type === 'retried')).toMatchObject({ because: 'ask-again' });
    expect(personServer.count('person-token')).toBe(1);
  });
});

describe('a person server that is down', () => {
  it('is named at once, before and after its metadata is known', async () => {
    const { agentFetch, url, personServer, slept } = await setUpAgentAccess();
    await agentFetch(url);
    await personServer.server.close();
    const error = await failure(agentFetch(new URL('/write', url)));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({
      message: expect.stringMatching(`^The Person Server at ${personServer.issuer} cannot be reached: .*ECONNREFUSED`),
    });

    const fresh = await setUpAgentAccess();
    await fresh.personServer.server.close();
    await expect(fresh.agentFetch(fresh.url)).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringMatching(`^The Person Server at ${fresh.personServer.issuer} cannot be reached: `),
    });
    expect(slept).toEqual([]);
  });

  it.each([429, 502, 503, 504])('with %i is one to come back to', async (status) => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    answerInstead(personServer, 'person-token', problem(status, 'whatever', { 'retry-after': '17' }));
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'UnavailableError', retryAfter: 17 });
  });

  it('does not answer in time', async () => {
    const { agentFetch, url, personServer } = await setUpAgentAccess({ agent: { requestTimeout: 0.5 } });
    const never = Promise.withResolvers<Response>();
    personServer.instead = ({ target }) => (target === '/person-token' ? never.promise : undefined);
    await expect(agentFetch(url)).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringMatching(/cannot be reached: .*time/),
    });
    expect(personServer.server.received.filter(({ target }) => target === '/person-token')).toHaveLength(1);
    never.resolve(new Response());
  });

  it('is asked once more when a connection breaks, with a signature of its own', async () => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    let drops = 1;
    personServer.instead = ({ target }) => (target === '/auth-token' && drops-- > 0 ? 'drop' : undefined);
    expect((await agentFetch(url)).status).toBe(200);
    const [first, second] = personServer.server.received.filter(({ target }) => target === '/auth-token');
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers.get('signature')).not.toBe(first?.headers.get('signature'));
    answerInstead(personServer, 'auth-token', () => 'drop');
    await expect(agentFetch(new URL('/write', url))).rejects.toBeInstanceOf(UnavailableError);
  });

  it.each<[string, (issuer: string) => Record<string, unknown>]>([
    ['names no endpoint', () => ({})],
    ['names an endpoint with a query', (issuer) => ({ person_token_endpoint: `${issuer}/person-token?a=1` })],
    ['names an endpoint without TLS', () => ({ person_token_endpoint: 'http://elsewhere.example/person-token' })],
    ['is somebody else’s', () => ({ issuer: 'https://elsewhere.example' })],
  ])('has metadata that cannot be used: %s', async (_, metadata) => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    personServer.metadata = metadata(personServer.issuer);
    await expect(agentFetch(url)).rejects.toMatchObject({
      name: 'PeerError',
      code: 'invalid_response',
      message: expect.stringContaining(`The metadata of the Person Server at ${personServer.issuer} cannot be used`),
    });
  });
});

describe('a person server that has to ask', () => {
  const codes: RequirementInit = {
    requirement: 'interaction',
    parameters: { url: 'https://ps.example/consent', code: 'ABCD-EFGH' },
  };

  it.each(['person-token', 'auth-token'] as const)('for the %s is polled until it has decided', async (endpoint) => {
    const { agentFetch, url, personServer, slept, events, presented } = await setUpAgentAccess();
    personServer.pending = { requirement: codes, retryAfter: 3 };
    let polls = 0;
    personServer.instead = ({ method, target }) => {
      if (method === 'POST') personServer.decision = target === `/${endpoint}` ? 'pending' : 'grant';
      else if (target.startsWith('/pending/')) polls += 1;
      if (polls === 3) personServer.decision = 'grant';
      return undefined;
    };
    expect((await agentFetch(url)).status).toBe(200);
    expect(polls).toBe(3);
    expect(slept).toEqual([3, 3, 3]);
    expect(presented()).toEqual(['person', 'auth']);
    const deferred = events.filter(({ type }) => type === 'deferred');
    expect(deferred).toMatchObject([
      { awaiting: endpoint, server: personServer.issuer, pending: { status: 'pending', requirement: codes } },
    ]);
    const [poll] = personServer.server.received.filter(
      ({ method, target }) => method === 'GET' && /pending/.test(target),
    );
    expect(poll?.headers.get('prefer')).toBe('wait=30');
    expect(poll?.body).toHaveLength(0);
  });

  it('and is told no, ends the call with that', async () => {
    const { agentFetch, url, personServer, presented } = await setUpAgentAccess();
    personServer.instead = ({ method, target }) => {
      if (target === '/auth-token') personServer.decision = 'pending';
      else if (method === 'GET' && target.startsWith('/pending')) personServer.decision = 'denied';
      return undefined;
    };
    const error = await failure(agentFetch(url));
    expect(error).toBeInstanceOf(DeferredError);
    expect(error).toMatchObject({
      code: 'denied',
      status: 403,
      message: expect.stringContaining('The person said no.'),
    });
    expect(presented()).toEqual(['person']);
  });

  it('is polled with the agent token of the moment, and grants to the key that asked', async () => {
    const { agentFetch, url, personServer, agent, resource } = await setUpAgentAccess();
    let rotated: SigningKey | undefined;
    personServer.instead = async ({ method, target }) => {
      if (target === '/auth-token') personServer.decision = 'pending';
      if (method !== 'GET' || !target.startsWith('/pending') || rotated) return undefined;
      rotated = await createKey();
      await agent.rotate(rotated);
      return new Response(null, { status: 503 });
    };
    const waiting = agentFetch(url);
    await expect
      .poll(() => personServer.server.received.some(({ target }) => target.startsWith('/pending')))
      .toBe(true);
    personServer.decision = 'grant';
    expect((await waiting).status).toBe(200);
    expect(resource.reached[0]?.principal.jkt).not.toBe(rotated?.thumbprint);
    // The next call has a new key, so it begins anew.
    personServer.instead = undefined;
    expect((await agentFetch(url)).status).toBe(200);
    expect(resource.reached[1]?.principal.jkt).toBe(rotated?.thumbprint);
  });

  it('and refuses the agent token meanwhile is polled with another', async () => {
    const { agentFetch, url, personServer, agent } = await setUpAgentAccess();
    let refusals = 1;
    personServer.instead = ({ method, target }) => {
      personServer.decision = target === '/auth-token' ? 'pending' : 'grant';
      if (method !== 'GET' || !target.startsWith('/pending') || refusals-- <= 0) return undefined;
      return problem(401, 'expired_jwt', { 'signature-error': 'error=expired_jwt' })();
    };
    expect((await agentFetch(url)).status).toBe(200);
    expect(agent.refusals).toEqual(['expired_jwt']);
  });

  it('for ever is given up after maxWait', async () => {
    const { agentFetch, url, personServer, slept } = await setUpAgentAccess({ agent: { maxWait: 10 } });
    personServer.decision = 'pending';
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(slept.reduce((sum, seconds) => sum + seconds)).toBe(10);
  });

  it('and cannot be reached meanwhile is polled again', async () => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    let drops = 2;
    personServer.instead = ({ method, target }) => {
      if (method === 'POST') personServer.decision = target === '/auth-token' ? 'pending' : 'grant';
      else personServer.decision = 'grant';
      return target.startsWith('/pending') && drops-- > 0 ? 'drop' : undefined;
    };
    expect((await agentFetch(url)).status).toBe(200);
  });
});
