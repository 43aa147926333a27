import { describe, expect, it, onTestFinished } from 'vitest';
import { isCall, setUpAgentAccess } from '../../test/support/agent-access.ts';
import { toResponse } from '../../test/support/person-server.ts';
import { pendingResponse } from '../deferred/pending-response.ts';
import { createHttpFetch } from '../node/fetch.ts';
import type { RequirementInit } from '../requirement.ts';

const order: RequestInit = { method: 'POST', body: 'the order', headers: { 'content-type': 'text/plain' } };
const interaction: RequirementInit = {
  requirement: 'interaction',
  parameters: { url: 'https://shop.example/link', code: 'ABCD-EFGH' },
};

/** A resource that answers the first `times` requests with a 202 and then lets its own logic answer. */
async function setUpPending(requirement: RequirementInit | undefined, times: number, capabilities?: string[]) {
  const setup = await setUpAgentAccess({ agent: { capabilities } });
  let left = times;
  setup.resource.instead = ({ target }) => {
    if (left-- > 0) return toResponse(pendingResponse({ location: '/later', retryAfter: 4, requirement }));
    return target === '/later' ? Response.json({ done: true }) : undefined;
  };
  return setup;
}

describe('a held call', () => {
  it('is completed by polling with the auth token; the call itself is sent once', async () => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, resource, personServer, presented, slept, events } = setup;
    resource.holds = true;
    const response = await agentFetch(url, order);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ level: 'authorized', body: 'the order' });
    expect(presented()).toEqual(['person', 'auth']);
    const [call, poll] = resource.server.received.filter(isCall);
    expect([call?.method, poll?.method, poll?.target, poll?.body.length]).toEqual(['POST', 'GET', '/held/0', 0]);
    expect(resource.reached.map(({ call }) => call)).toEqual(['POST /stock?item=1']);
    // With the auth token at hand there is nothing to wait for.
    expect(slept).toEqual([0]);
    expect(personServer.count('auth-token')).toBe(1);
    expect(events.filter(({ type }) => ['challenged', 'deferred', 'settled'].includes(type))).toMatchObject([
      { type: 'deferred', awaiting: 'response', server: resource.issuer },
      { type: 'challenged', status: 202, requirement: 'auth-token', resourceToken: { iss: resource.issuer } },
      { type: 'settled', awaiting: 'response', server: resource.issuer },
    ]);
    expect(poll?.headers.get('prefer')).toBe('wait=30');
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth']);
  });

  it('that steps up is completed with the wider token', async () => {
    const { agentFetch, url, resource, presented } = await setUpAgentAccess();
    await agentFetch(url);
    resource.holds = true;
    expect((await agentFetch(new URL('/write', url), order)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'auth']);
    expect(resource.reached.at(-1)?.principal).toMatchObject({ scope: ['read', 'write'] });
  });

  it('with a resource token for somebody else is given up', async () => {
    const { agentFetch, url, resource, personServer } = await setUpAgentAccess();
    resource.holds = true;
    resource.tamper = { claims: { sub: 'somebody-else' } };
    await expect(agentFetch(url, order)).rejects.toMatchObject({ code: 'invalid_resource_token' });
    expect(personServer.count('auth-token')).toBe(0);
    expect(resource.reached).toEqual([]);
  });

  it('ends when the person server cannot be reached', async () => {
    const { agentFetch, url, resource, personServer, slept } = await setUpAgentAccess();
    resource.holds = true;
    personServer.instead = ({ target }) => (target === '/auth-token' ? 'drop' : undefined);
    await expect(agentFetch(url, order)).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(slept).toEqual([]);
  });

  it('whose resource token has expired is completed with a later one', async () => {
    const { agentFetch, url, resource, personServer, presented } = await setUpAgentAccess();
    resource.holds = true;
    let refusals = 1;
    personServer.instead = ({ target }) =>
      target === '/auth-token' && refusals-- > 0
        ? Response.json({ error: 'expired_resource_token' }, { status: 400 })
        : undefined;
    expect((await agentFetch(url, order)).status).toBe(200);
    expect(presented()).toEqual(['person', 'person', 'auth']);
    expect(resource.reached).toHaveLength(1);
  });

  it('is not exchanged again for the same resource token', async () => {
    let requirement = '';
    const http = createHttpFetch();
    onTestFinished(http.close);
    const { agentFetch, url, resource, personServer, slept } = await setUpAgentAccess({
      agent: {
        fetch: async (input, init) => {
          const response = await http(input, init);
          requirement ||= response.headers.get('aauth-requirement') ?? '';
          return response;
        },
      },
    });
    resource.holds = true;
    let refusals = 1;
    personServer.instead = ({ target }) =>
      target === '/auth-token' && refusals-- > 0
        ? Response.json({ error: 'expired_resource_token' }, { status: 400 })
        : undefined;
    let repetitions = 3;
    resource.instead = ({ target }) =>
      target.startsWith('/held/') && repetitions-- > 0
        ? new Response('{}', { status: 202, headers: { 'aauth-requirement': requirement, 'retry-after': '5' } })
        : undefined;
    expect((await agentFetch(url, order)).status).toBe(200);
    expect(slept).toEqual([0, 5, 5, 5, 0]);
    expect(personServer.server.received.filter(({ target }) => target === '/auth-token')).toHaveLength(2);
  });

  it('that the auth token does not complete is polled on, without another exchange', async () => {
    const { agentFetch, url, resource, personServer, presented, slept } = await setUpAgentAccess({
      agent: { maxWait: 12 },
    });
    let polls = 0;
    resource.holds = true;
    resource.instead = ({ target }) => {
      if (!target.startsWith('/held/')) return undefined;
      const requirement = {
        requirement: 'auth-token',
        parameters: { 'resource-token': `another-${polls++}` },
      } as const;
      return toResponse(pendingResponse({ location: target, retryAfter: 5, requirement }));
    };
    await expect(agentFetch(url, order)).rejects.toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(presented()).toEqual(['person', 'auth', 'auth', 'auth', 'auth']);
    expect(slept).toEqual([0, 5, 5, 2]);
    expect(personServer.count('auth-token')).toBe(1);
  });
});

describe('a held call whose token is no good any more', () => {
  /** The resource keeps what it has admitted, and is polled again after `retryAfter` seconds. */
  async function setUpKeptCall(retryAfter: number) {
    const setup = await setUpAgentAccess({ lifetime: 7200, agent: { capabilities: ['interaction'], maxWait: 5000 } });
    await setup.agentFetch(setup.url);
    setup.resource.instead = ({ method }) =>
      method === 'POST'
        ? toResponse(pendingResponse({ location: '/later', retryAfter, requirement: interaction }))
        : undefined;
    return setup;
  }

  it('is completed with a renewed one, for the same key', async () => {
    const { agentFetch, url, resource, presented, personServer } = await setUpKeptCall(4000);
    expect((await agentFetch(url, order)).status).toBe(200);
    expect(presented().slice(2)).toEqual(['auth', 'auth', 'person', 'auth']);
    expect(personServer.count('auth-token')).toBe(2);
    const [first, last] = resource.reached.map(({ principal }) => principal.jkt);
    expect(first).toBe(last);
    expect(resource.reached.map(({ call }) => call)).toEqual(['GET /stock?item=1', 'GET /later']);
  });

  it('is completed with another one when it was revoked', async () => {
    const { agentFetch, url, resource, presented } = await setUpKeptCall(4);
    const [{ principal } = {}] = resource.reached;
    if (principal && 'token' in principal) resource.revoked.add(principal.token.jti);
    expect((await agentFetch(url, order)).status).toBe(200);
    expect(presented().slice(2)).toEqual(['auth', 'auth', 'person', 'auth']);
  });

  it('ends with the refusal that stands, and asks no more than a call does', async () => {
    const { agentFetch, url, resource, personServer } = await setUpKeptCall(4);
    resource.instead = ({ method }) =>
      method === 'POST'
        ? toResponse(pendingResponse({ location: '/later', retryAfter: 4, requirement: interaction }))
        : Response.json({}, { status: 401, headers: { 'aauth-requirement': 'requirement=person-token' } });
    expect((await agentFetch(url, order)).status).toBe(401);
    expect(personServer.count('person-token')).toBeLessThan(4);
  });
});

it('a held call that the resource has lost is gone', async () => {
  const { agentFetch, url, resource, events } = await setUpAgentAccess({ agent: { capabilities: ['interaction'] } });
  resource.instead = ({ method }) =>
    method === 'POST'
      ? toResponse(pendingResponse({ location: '/later', requirement: interaction }))
      : Response.json({ error: 'gone', detail: 'Nothing is kept here.' }, { status: 410 });
  await expect(agentFetch(url, order)).rejects.toMatchObject({ name: 'DeferredError', code: 'gone' });
  expect(events.at(-1)).toMatchObject({ type: 'settled', awaiting: 'response', server: resource.issuer });
});

describe('a 202', () => {
  it.each<[string, RequirementInit, string[] | undefined]>([
    ['for an approval', { requirement: 'approval' }, undefined],
    ['for the person', interaction, ['interaction']],
  ])('%s is polled, with what was presented', async (_, requirement, capabilities) => {
    const { agentFetch, url, presented, slept, events, resource } = await setUpPending(requirement, 3, capabilities);
    const response = await agentFetch(url, order);
    expect(await response.json()).toEqual({ done: true });
    expect(presented()).toEqual(['person', 'person', 'person', 'person']);
    expect(slept).toEqual([4, 4, 4]);
    expect(events.filter(({ type }) => type === 'deferred')).toMatchObject([
      { awaiting: 'response', server: resource.issuer, pending: { requirement } },
    ]);
  });

  it.each<[string, RequirementInit | undefined, string[] | undefined]>([
    ['without a requirement', undefined, ['interaction']],
    ['for a person whom this agent cannot reach', interaction, undefined],
    ['for an answer that this agent cannot give', { requirement: 'clarification' }, ['interaction']],
    ['for claims that only servers give', { requirement: 'claims' }, ['interaction']],
  ])('%s is the caller’s', async (_, requirement, capabilities) => {
    const { agentFetch, url, presented } = await setUpPending(requirement, 1, capabilities);
    const response = await agentFetch(url, order);
    expect([response.status, response.headers.get('location')]).toEqual([202, '/later']);
    expect(await response.json()).toEqual({ status: 'pending' });
    expect(presented()).toEqual(['person']);
  });

  it('for something unknown is polled: a later one may be known', async () => {
    const { agentFetch, url, resource, presented } = await setUpAgentAccess();
    let asked = 0;
    resource.instead = ({ target }) => {
      asked += 1;
      if (asked > 1) return target === '/later' ? Response.json({ done: true }) : undefined;
      return new Response('{}', {
        status: 202,
        headers: { location: '/later', 'aauth-requirement': 'requirement=dance' },
      });
    };
    expect(await (await agentFetch(url)).json()).toEqual({ done: true });
    expect(presented()).toEqual(['person', 'person']);
  });

  it('that names another origin to poll, or none, is an error', async () => {
    const { agentFetch, url, resource, presented } = await setUpAgentAccess();
    for (const headers of [{ location: 'https://elsewhere.example/x' }, {}]) {
      resource.instead = () =>
        new Response('{}', { status: 202, headers: { ...headers, 'aauth-requirement': 'requirement=approval' } });
      await expect(agentFetch(url)).rejects.toMatchObject({ name: 'PeerError', code: 'invalid_response' });
    }
    expect(presented()).toEqual(['person', 'person']);
  });

  it('that ends in a refusal ends the call with it', async () => {
    const { agentFetch, url, resource } = await setUpAgentAccess();
    resource.instead = ({ target }) =>
      target === '/later'
        ? Response.json({ error: 'denied', detail: 'Not today.' }, { status: 403 })
        : toResponse(pendingResponse({ location: '/later', requirement: { requirement: 'approval' } }));
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'DeferredError', code: 'denied' });
  });
});
