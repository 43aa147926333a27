import { describe, expect, it } from 'vitest';
import { type AgentAccessOptions, setUpAgentAccess } from '../../test/support/agent-access.ts';
import { toResponse } from '../../test/support/person-server.ts';
import { pendingResponse } from '../deferred/pending-response.ts';
import type { Clarification, ClarificationHandler } from './clarification.ts';

const question = 'Why do you **need** this?';

/** A person server whose person has questions about what is asked at one endpoint, and an agent that replies. */
async function setUp(
  onClarification: ClarificationHandler,
  { endpoint = '/auth-token', ...options }: { endpoint?: '/person-token' | '/auth-token' } & AgentAccessOptions = {},
) {
  const capabilities = ['interaction', 'clarification'];
  const setup = await setUpAgentAccess({ ...options, agent: { capabilities, onClarification, ...options.agent } });
  const { personServer } = setup;
  personServer.instead = ({ target, method }) => {
    if (method === 'POST' && target === endpoint) personServer.decision = 'pending';
    return undefined;
  };
  personServer.questions.push(question);
  const grantNow = () => {
    personServer.decision = 'grant';
  };
  return { ...setup, grantNow };
}

const answer = (text: string) => ({ action: 'answer', answer: text }) as const;

describe('a question about a pending request', () => {
  it.each(['/person-token', '/auth-token'] as const)('at %s is answered, and the request goes on', async (endpoint) => {
    const asked: Clarification[] = [];
    const { agentFetch, url, personServer, resource, events, slept, grantNow } = await setUp(
      (clarification) => {
        asked.push(clarification);
        grantNow();
        return answer('To see what is left.');
      },
      { endpoint },
    );
    personServer.questionMembers = { timeout: 120, options: ['Stock', 7, 'Prices'] };
    expect((await agentFetch(url)).status).toBe(200);
    const awaiting = endpoint === '/person-token' ? 'person-token' : 'auth-token';
    expect(asked).toEqual([
      {
        question,
        options: ['Stock', 'Prices'],
        timeout: 120,
        round: 1,
        server: personServer.issuer,
        resource: resource.issuer,
        awaiting,
        canUpdate: awaiting === 'auth-token',
      },
    ]);
    expect(personServer.replies).toEqual([
      {
        method: 'POST',
        target: '/pending/1',
        body: { action: 'clarification_response', clarification_response: 'To see what is left.' },
      },
    ]);
    // The reply changes nothing about the rhythm that the server asks for.
    expect(slept).toEqual([2]);
    const of = { awaiting, server: personServer.issuer };
    expect(events.filter(({ type }) => ['deferred', 'clarified', 'settled'].includes(type))).toMatchObject([
      { type: 'deferred', ...of, pending: { requirement: { requirement: 'clarification' } } },
      { type: 'clarified', ...of, question, reply: answer('To see what is left.'), status: 202 },
      { type: 'settled', ...of },
    ]);
  });

  it('is asked of the one whose call began the request', async () => {
    const { agentFetch, url, personServer, grantNow } = await setUp(() => answer('Nobody asked me.'));
    const say =
      (text: string): ClarificationHandler =>
      () => {
        grantNow();
        return answer(text);
      };
    await Promise.all([
      agentFetch.with({ onClarification: say('I began.') })(url),
      agentFetch.with({ onClarification: say('I joined.') })(url),
    ]);
    expect(personServer.replies.map(({ body }) => body?.clarification_response)).toEqual(['I began.']);
  });

  it('is replied to five times, and then left to the person server', async () => {
    const rounds: number[] = [];
    const { agentFetch, url, personServer } = await setUp(
      ({ round }) => {
        rounds.push(round);
        return answer(`${round}`);
      },
      { agent: { maxWait: 60, capabilities: ['clarification'] } },
    );
    personServer.questions.push(...Array(9).fill(question));
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(rounds).toEqual([1, 2, 3, 4, 5]);
    expect(personServer.replies).toHaveLength(5);
  });

  it('that is left unanswered is waited over', async () => {
    const { agentFetch, url, personServer } = await setUp(() => undefined, { agent: { maxWait: 30 } });
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(personServer.replies).toEqual([]);
  });

  it('whose answer the network loses, or the server does not take, is answered when it comes again', async () => {
    const { agentFetch, url, personServer, events, grantNow } = await setUp(({ round }) => {
      if (round === 3) grantNow();
      return answer(`${round}`);
    });
    const failures = ['drop', Response.json({ error: 'server_error' }, { status: 503 })] as const;
    let posts = 0;
    const before = personServer.instead;
    personServer.instead = (request) =>
      request.method === 'POST' && request.target.startsWith('/pending/') ? failures[posts++] : before?.(request);
    expect((await agentFetch(url)).status).toBe(200);
    expect(personServer.replies.map(({ body }) => body?.clarification_response)).toEqual(['3']);
    expect(events.flatMap((event) => (event.type === 'clarified' ? [event.status] : []))).toEqual([503, 202]);
  });

  it('fails the call when nobody knows what to reply', async () => {
    const { agentFetch, url, events } = await setUp(() => {
      throw new TypeError('Out of words.');
    });
    await expect(agentFetch(url)).rejects.toThrow('Out of words.');
    expect(events.at(-1)?.type).toBe('settled');
  });

  it('does not keep an abandoned call waiting for its answer', async () => {
    const asked = Promise.withResolvers<void>();
    const { agentFetch, url } = await setUp(() => {
      asked.resolve();
      return new Promise(() => {});
    });
    const abort = new AbortController();
    const call = agentFetch(url, { signal: abort.signal });
    await asked.promise;
    abort.abort(new Error('no longer wanted'));
    await expect(call).rejects.toThrow('no longer wanted');
  });
});

describe('a request that is taken back', () => {
  it('ends the call, and cannot be polled any more', async () => {
    const { agentFetch, url, personServer, resource } = await setUp(() => ({ action: 'cancel' }));
    await expect(agentFetch(url)).rejects.toMatchObject({
      name: 'DeferredError',
      code: 'abandoned',
      message: `The agent took its request back when it was asked: ${question}`,
    });
    expect(personServer.replies).toEqual([{ method: 'DELETE', target: '/pending/1', body: undefined }]);
    expect(resource.reached).toEqual([]);
  });
});

describe('a request that is updated', () => {
  it('asks for the other scopes with a resource token for them, and is granted those', async () => {
    const { agentFetch, url, personServer, resource, presented, grantNow } = await setUp(() => {
      grantNow();
      return { action: 'update', scope: ['read', 'write'], justification: 'I have to correct it too.' };
    });
    expect((await agentFetch(url)).status).toBe(200);
    const [reply] = personServer.replies;
    expect(reply?.body).toMatchObject({ action: 'updated_request', justification: 'I have to correct it too.' });
    const [exchange] = personServer.asked.filter(({ endpoint }) => endpoint === 'auth-token');
    expect(reply?.body?.presented_token).toBe(exchange?.body.presented_token);
    expect(reply?.body?.resource_token).not.toBe(exchange?.body.resource_token);
    expect(presented()).toEqual(['person', 'person', 'auth']);
    expect(resource.reached.at(-1)?.principal).toMatchObject({ scope: ['read', 'write'] });
    // What has been granted beyond the challenge is known, and so is what the challenge asked for.
    expect((await agentFetch(new URL('/write', url))).status).toBe(200);
    expect((await agentFetch(new URL('/read', url))).status).toBe(200);
    expect(personServer.count('auth-token')).toBe(1);
  });

  it.each<[string, { scope: string[]; metadata?: Record<string, string> }, string]>([
    ['that the resource does not offer', { scope: ['everything'] }, 'invalid_scope'],
    ['at a resource without an authorization endpoint', { scope: ['read'], metadata: {} }, 'invalid_response'],
    [
      'at a resource that sends the agent elsewhere',
      { scope: ['read'], metadata: { authorization_endpoint: 'https://elsewhere.example/authorize' } },
      'invalid_response',
    ],
  ])('with scopes %s fails the call', async (_, { scope, metadata }, code) => {
    const { agentFetch, url, personServer, resource } = await setUp(() => ({ action: 'update', scope }));
    if (metadata) resource.metadata = { access_mode: 'auth-token', ...metadata };
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'PeerError', code });
    expect(personServer.replies).toEqual([]);
  });

  it('with a resource token for somebody else fails the call', async () => {
    const { agentFetch, url, personServer, resource } = await setUp(() => {
      resource.instead = async ({ target }) =>
        target === '/authorize'
          ? Response.json({ resource_token: `${personServer.asked.at(-1)?.body.presented_token}` })
          : undefined;
      return { action: 'update', scope: ['read'] };
    });
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'PeerError', code: 'invalid_resource_token' });
    expect(personServer.replies).toEqual([]);
  });

  it('is not possible for a person token', async () => {
    const { agentFetch, url } = await setUp(() => ({ action: 'update', scope: [] }), { endpoint: '/person-token' });
    await expect(agentFetch(url)).rejects.toThrow('Only a request for an auth token can be updated.');
  });
});

it('a resource may have questions about a call that it holds', async () => {
  const { agentFetch, url, resource, presented } = await setUpAgentAccess({
    agent: { capabilities: ['clarification'], onClarification: () => answer('Two of them.') },
  });
  const replies: unknown[] = [];
  resource.instead = ({ method, target, body }) => {
    if (target === '/later' && method === 'POST') {
      replies.push(JSON.parse(new TextDecoder().decode(body)));
      return new Response(null, { status: 202 });
    }
    if (target === '/later' && replies.length > 0) return Response.json({ done: true });
    const requirement = { requirement: 'clarification' } as const;
    return toResponse(pendingResponse({ location: '/later', requirement, members: { clarification: 'How many?' } }));
  };
  expect(await (await agentFetch(url)).json()).toEqual({ done: true });
  expect(replies).toEqual([{ action: 'clarification_response', clarification_response: 'Two of them.' }]);
  expect(presented()).toEqual(['person', 'person', 'person']);
});
