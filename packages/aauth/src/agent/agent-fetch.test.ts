import { describe, expect, it } from 'vitest';
import { isCall, presentedToken, presentedType, setUpAgentAccess } from '../../test/support/agent-access.ts';
import { IdentifierError } from '../errors.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';
import type { AgentEvent } from './agent-events.ts';

const order: RequestInit = {
  method: 'POST',
  body: '{"item":"ünï"}',
  headers: { 'content-type': 'application/json' },
};

type Setup = Awaited<ReturnType<typeof setUpAgentAccess>>;
const calls = ({ resource }: Setup) => resource.server.received.filter(isCall);
const types = (events: readonly AgentEvent[]) => events.map(({ type }) => type);

describe('an agent fetch', () => {
  it('gets what a resource requires, and calls it with the auth token from then on', async () => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, resource, personServer, agent, presented, events } = setup;
    const response = await agentFetch(url, order);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ level: 'authorized', body: '{"item":"ünï"}' });
    expect(presented()).toEqual(['person', 'auth']);
    expect(personServer.asked.map(({ endpoint }) => endpoint)).toEqual(['person-token', 'auth-token']);
    expect(resource.reached[0]?.principal).toMatchObject({ personServer: personServer.issuer, scope: ['read'] });
    expect(types(events)).toEqual([
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

    expect((await agentFetch(url, order)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth']);
    expect(personServer.asked).toHaveLength(2);
    expect(agent.refusals).toEqual([]);
  });

  it('tells of each step with what people may look at, and never with a token', async () => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, resource, personServer, events } = setup;
    await agentFetch(url, order);
    const base = { resource: resource.issuer, method: 'POST', url };
    expect(events[0]).toEqual({ ...base, type: 'metadata-read', accessMode: 'auth-token' });
    expect(events[1]).toEqual({
      ...base,
      type: 'person-token-requested',
      personServer: personServer.issuer,
      chained: false,
    });
    const [first, second] = calls(setup).map(presentedToken);
    const person = decodeTokenForDisplay(first ?? '')?.claims;
    expect(events[2]).toMatchObject({ type: 'person-token-received', claims: person });
    expect(events[3]).toEqual({ ...base, type: 'presented', tokenType: 'aa-person+jwt', attempt: 1 });
    expect(events[4]).toMatchObject({
      type: 'challenged',
      status: 401,
      requirement: 'auth-token',
      resourceToken: { iss: resource.issuer, presented_jti: person?.jti, scope: 'read' },
    });
    expect(events[5]).toMatchObject({ type: 'exchange-requested', scope: ['read'], chained: false });
    expect(events[6]).toMatchObject({ scope: ['read'], claims: decodeTokenForDisplay(second ?? '')?.claims });
    expect(events[7]).toMatchObject({ type: 'retried', because: 'exchange-resource-token' });
    expect(events[8]).toMatchObject({ type: 'presented', tokenType: 'aa-auth+jwt', attempt: 2 });
    expect(JSON.stringify(events)).not.toMatch(/eyJ[\w-]*\.eyJ/);
  });

  it.each<[string, () => RequestInit]>([
    ['text', () => order],
    ['bytes', () => ({ method: 'PUT', body: new Uint8Array([1, 2, 0, 255]), headers: { 'content-type': 'a/b' } })],
    ['a stream', () => ({ ...order, body: new Blob(['streamed once']).stream() })],
    ['no body', () => ({ method: 'DELETE' })],
  ])('sends the request again as it was: %s', async (_, init) => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url } = setup;
    expect((await agentFetch(url, { ...init(), headers: { ...init().headers, 'x-own': '1' } })).status).toBe(200);
    const [first, second, ...others] = calls(setup);
    expect(others).toEqual([]);
    const unsigned = (headers: Headers | undefined) =>
      [...(headers ?? [])].filter(([name]) => !name.startsWith('signature'));
    expect(unsigned(second?.headers)).toEqual(unsigned(first?.headers));
    expect({ ...second, headers: undefined }).toEqual({ ...first, headers: undefined });
    expect(first?.headers.get('x-own')).toBe('1');
  });

  it('presents its agent token where that is enough', async () => {
    const { agentFetch, url, presented, personServer, events } = await setUpAgentAccess({ access: 'agent-token' });
    expect(await (await agentFetch(url)).json()).toMatchObject({ level: 'identified' });
    expect(presented()).toEqual(['agent']);
    expect(personServer.asked).toEqual([]);
    expect(types(events)).toEqual(['metadata-read', 'presented']);
  });

  it('presents a person token, kept per resource, where that is enough', async () => {
    const { agentFetch, url, presented, personServer } = await setUpAgentAccess({ access: 'person-token' });
    expect(await (await agentFetch(url)).json()).toMatchObject({ level: 'person' });
    await agentFetch(url);
    expect(presented()).toEqual(['person', 'person']);
    expect(personServer.count('person-token')).toBe(1);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['no access_mode', {}],
    ['an unknown access_mode', { access_mode: 'per-call' }],
    ['an access_mode that is no string', { access_mode: ['auth-token'] }],
    ['an access_mode that promises too much', { access_mode: 'agent-token' }],
  ])('reads what a resource requires from its refusals where its metadata has %s', async (_, metadata) => {
    const { agentFetch, url, resource, presented, events } = await setUpAgentAccess();
    resource.metadata = { additional_signature_components: ['@query'], ...metadata };
    expect((await agentFetch(url, order)).status).toBe(200);
    expect(presented()).toEqual(['agent', 'person', 'auth']);
    expect(events.filter(({ type }) => type === 'challenged')).toMatchObject([
      { requirement: 'person-token', resourceToken: undefined },
      { requirement: 'auth-token', resourceToken: { iss: resource.issuer } },
    ]);
  });

  it.each<[string, Readonly<Record<string, unknown>> | undefined]>([
    ['publishes no metadata', undefined],
    ['has somebody else’s name in its metadata', { issuer: 'https://other.example', access_mode: 'auth-token' }],
  ])('calls a resource that %s, and reads its refusals', async (_, metadata) => {
    const { agentFetch, url, resource, presented, events } = await setUpAgentAccess({ access: 'person-token' });
    resource.metadata = metadata;
    expect((await agentFetch(url)).status).toBe(200);
    expect((await agentFetch(url)).status).toBe(200);
    // The first signature covered too little.
    expect(presented()).toEqual(['agent', 'agent', 'person', 'person']);
    expect(types(events)).not.toContain('metadata-read');
  });

  it('goes back to its agent token where a resource wants that after all', async () => {
    const { agentFetch, url, resource, presented } = await setUpAgentAccess({ access: 'agent-token' });
    resource.metadata = { ...resource.metadata, access_mode: 'person-token' };
    const requirement = { 'aauth-requirement': 'requirement=agent-token' };
    resource.instead = (request) =>
      presentedType(request) === 'agent' ? undefined : new Response(null, { status: 401, headers: requirement });
    expect(await (await agentFetch(url)).json()).toMatchObject({ level: 'identified' });
    expect(presented()).toEqual(['person', 'agent']);
  });

  it('reaches resources that are behind nobody’s person server as the agent it is', async () => {
    const { agentFetch, url, presented } = await setUpAgentAccess({
      access: 'agent-token',
      agent: { personServer: undefined },
    });
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['agent']);
  });

  it('steps up where a call needs more, and keeps the wider token', async () => {
    const { agentFetch, url, resource, presented, personServer } = await setUpAgentAccess();
    const writing = new URL('/write', url);
    await agentFetch(url);
    expect((await agentFetch(writing, order)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'auth']);
    expect(resource.reached.map(({ principal }) => 'scope' in principal && principal.scope)).toEqual([
      ['read'],
      ['read', 'write'],
    ]);
    await agentFetch(url);
    await agentFetch(writing);
    expect(presented()).toHaveLength(6);
    expect(personServer.count('auth-token')).toBe(2);
  });

  it('asks for everything at once when the first call needs more than usual', async () => {
    const { agentFetch, url, presented } = await setUpAgentAccess();
    expect((await agentFetch(new URL('/write', url))).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth']);
  });

  it('keeps several grants of one resource, and presents the one that a challenge asks for', async () => {
    const { agentFetch, url, resource, personServer, presented, events } = await setUpAgentAccess();
    // Asks for one scope at a time, so that neither grant covers the other.
    const call = async (scope: string) => {
      resource.tamper = { claims: { scope } };
      return (await agentFetch(new URL(`/${scope}`, url))).status;
    };
    expect(await call('write')).toBe(200);
    expect(await call('read')).toBe(200);
    expect(personServer.count('auth-token')).toBe(2);
    expect(await call('write')).toBe(200);
    expect(await call('write')).toBe(200);
    expect(personServer.count('auth-token')).toBe(2);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'auth', 'auth', 'auth', 'auth']);
    expect(events.findLast(({ type }) => type === 'retried')).toMatchObject({ because: 'present-known-auth-token' });
  });

  it('says what it can handle: to the resource in a header, to the person server in the body', async () => {
    const capabilities = ['interaction', 'clarification'];
    const setup = await setUpAgentAccess({ agent: { capabilities, justification: 'To restock.' } });
    await setup.agentFetch(setup.url);
    for (const { headers } of calls(setup)) {
      expect(headers.get('aauth-capabilities')).toBe('interaction, clarification');
    }
    for (const { headers } of setup.personServer.server.received) expect(headers.has('aauth-capabilities')).toBe(false);
    for (const { body } of setup.personServer.asked) {
      expect(body).toMatchObject({ capabilities, justification: 'To restock.' });
    }
    await setup.agentFetch(setup.url, { headers: { 'aauth-capabilities': 'payment' } });
    expect(calls(setup).at(-1)?.headers.get('aauth-capabilities')).toBe('payment');
  });

  it('sends the person server nothing that it was not told', async () => {
    const setup = await setUpAgentAccess();
    await setup.agentFetch(setup.url);
    expect(setup.personServer.asked.map(({ body }) => Object.keys(body))).toEqual([
      ['resource'],
      ['resource_token', 'presented_token'],
    ]);
    for (const { headers } of calls(setup)) expect(headers.has('aauth-capabilities')).toBe(false);
  });

  it('passes on the login hint of a resource token unchanged', async () => {
    const { agentFetch, url, resource, personServer } = await setUpAgentAccess();
    resource.tamper = { claims: { login_hint: 'ada@example.com' } };
    await agentFetch(url);
    expect(personServer.asked[1]?.body.login_hint).toBe('ada@example.com');
  });

  it('covers what the metadata of a resource asks for', async () => {
    const setup = await setUpAgentAccess();
    setup.resource.metadata = {
      access_mode: 'auth-token',
      additional_signature_components: ['@query', 'x-own', 'x-absent', 'Not A Field', 7, '@status'],
    };
    expect((await setup.agentFetch(setup.url, { ...order, headers: { 'x-own': '1' } })).status).toBe(200);
    for (const { headers } of calls(setup)) {
      expect(headers.get('signature-input')).toContain(
        '("@method" "@authority" "@path" "signature-key" "content-type" "content-digest" "@query" "x-own")',
      );
    }
    // Nobody else asked for it, and not everybody computes `@query` alike.
    expect(setup.personServer.asked).toHaveLength(2);
    for (const { method, headers } of setup.personServer.server.received) {
      if (method !== 'POST') continue;
      expect(headers.get('signature-input')).toContain(
        '("@method" "@authority" "@path" "signature-key" "content-type" "content-digest")',
      );
    }
  });

  it('covers what a resource without metadata asks for in its refusals, and remembers it', async () => {
    const setup = await setUpAgentAccess({ access: 'person-token' });
    setup.resource.metadata = undefined;
    expect((await setup.agentFetch(setup.url)).status).toBe(200);
    expect(calls(setup).map(({ headers }) => headers.get('signature-input')?.includes('@query'))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('follows no redirect, and refuses one where the request says so', async () => {
    const { agentFetch, url, resource, presented } = await setUpAgentAccess();
    resource.instead = () => new Response(null, { status: 307, headers: { location: '/elsewhere' } });
    expect((await agentFetch(url)).status).toBe(307);
    await expect(agentFetch(url, { redirect: 'error' })).rejects.toThrow(TypeError);
    expect(presented()).toHaveLength(2);
  });

  it('calls nothing that cannot be a resource', async () => {
    const { agentFetch, presented } = await setUpAgentAccess();
    await expect(agentFetch('http://public.example/stock')).rejects.toThrow(IdentifierError);
    expect(presented()).toEqual([]);
  });

  it('fails the call whose event handler fails', async () => {
    const { agentFetch, url } = await setUpAgentAccess({
      agent: {
        onEvent: ({ type }) => {
          if (type === 'exchange-requested') throw new TypeError('No room for traces.');
        },
      },
    });
    await expect(agentFetch(url)).rejects.toThrow('No room for traces.');
  });
});
