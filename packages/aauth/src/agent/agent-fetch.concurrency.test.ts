import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { isCall, setUpAgentAccess } from '../../test/support/agent-access.ts';
import { startGuardedResource } from '../../test/support/guarded-resource.ts';
import type { AgentEvent } from './agent-events.ts';

const many = Array.from({ length: 50 }, (_, index) => index);

describe('concurrent calls', () => {
  it('share one person-token request and one exchange', async () => {
    const { agentFetch, url, personServer, resource, presented } = await setUpAgentAccess();
    const responses = await Promise.all(
      many.map((index) => agentFetch(`${url}&call=${index}`, { method: 'POST', body: `call ${index}` })),
    );
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(await Promise.all(responses.map((response) => response.json()))).toEqual(
      many.map((index) => ({ level: 'authorized', body: `call ${index}` })),
    );
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([1, 1]);
    expect(resource.reached).toHaveLength(many.length);
    expect(presented().filter((type) => type === 'person').length).toBeLessThanOrEqual(many.length);
  });

  it('share one renewal', async () => {
    const { agentFetch, url, clock, personServer } = await setUpAgentAccess({ lifetime: 7200 });
    await agentFetch(url);
    clock.advance(3400);
    await Promise.all(many.map(() => agentFetch(url)));
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([2, 2]);
  });

  it('share one step-up', async () => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    await agentFetch(url);
    const responses = await Promise.all(many.map(() => agentFetch(new URL('/write', url))));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(personServer.count('auth-token')).toBe(2);
  });

  it('share one renewal of a revoked grant', async () => {
    const { agentFetch, url, personServer, resource } = await setUpAgentAccess();
    await agentFetch(url);
    const [first] = resource.reached;
    if (first?.principal.level !== 'authorized') throw new TypeError('The call was not authorized.');
    resource.revoked.add(first.principal.token.jti);
    const responses = await Promise.all(many.map(() => agentFetch(url)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([1, 2]);
  });

  it('share one new agent token when the person server refuses the old one', async () => {
    const { agentFetch, url, personServer, agent } = await setUpAgentAccess();
    const { token } = await agent.credentials();
    const refused = JSON.parse(atob(token.split('.')[1] ?? '')).jti;
    personServer.revoked.add(refused);
    const responses = await Promise.all(many.map(() => agentFetch(url)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([1, 1]);
  });

  it('share a failure, and nothing is kept of it', async () => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    personServer.decision = 'denied';
    const outcomes = await Promise.allSettled(many.map(() => agentFetch(url)));
    expect(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason.code === 'denied')).toBe(true);
    expect(personServer.count('person-token')).toBe(1);
    personServer.decision = 'grant';
    expect((await agentFetch(url)).status).toBe(200);
  });

  it('that need different scopes have an exchange each', async () => {
    const { agentFetch, url, presented, personServer } = await setUpAgentAccess();
    const responses = await Promise.all([agentFetch(url), agentFetch(new URL('/write', url))]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
    expect(presented().sort()).toEqual(['auth', 'auth', 'person', 'person']);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([1, 2]);
  });

  it('of two resources have a person and a grant each', async () => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, personServer, resource } = setup;
    const orders = await startGuardedResource(setup, { name: 'orders' });
    const urls = many.map((index) => (index % 2 === 0 ? url : `${orders.issuer}/stock`));
    const responses = await Promise.all(urls.map((target) => agentFetch(target)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([2, 2]);
    const subjects = [...resource.reached, ...orders.reached].map(
      ({ principal }) => 'subject' in principal && principal.subject,
    );
    expect(new Set(subjects).size).toBe(2);
  });

  it('each hear of every step, in their own context', async () => {
    const context = new AsyncLocalStorage<number>();
    const heard = new Map<number | undefined, AgentEvent[]>();
    const { agentFetch, url } = await setUpAgentAccess({
      agent: {
        onEvent: (event) => {
          const call = context.getStore();
          heard.set(call, [...(heard.get(call) ?? []), event]);
        },
      },
    });
    await Promise.all([1, 2, 3].map((call) => context.run(call, () => agentFetch(`${url}&call=${call}`))));
    expect([...heard.keys()].sort()).toEqual([1, 2, 3]);
    for (const [call, events] of heard) {
      expect(events.every((event) => event.url === `${url}&call=${call}`)).toBe(true);
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
    }
  });
});

describe('a call that is aborted', () => {
  /** A person server that answers exchanges only when it is let. */
  async function setUpHeldExchange() {
    const setup = await setUpAgentAccess();
    const { personServer } = setup;
    const held = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    personServer.instead = async ({ target }) => {
      if (target !== '/auth-token') return undefined;
      arrived.resolve();
      await held.promise;
      return undefined;
    };
    return { ...setup, arrived: arrived.promise, release: held.resolve };
  }

  it('leaves the exchange to those who still wait for it', async () => {
    const { agentFetch, url, personServer, arrived, release } = await setUpHeldExchange();
    const leaving = new AbortController();
    const first = agentFetch(url, { signal: leaving.signal });
    const second = agentFetch(url);
    await arrived;
    await expect
      .poll(() => personServer.server.received.filter(({ target }) => target === '/auth-token').length)
      .toBe(1);
    leaving.abort(new DOMException('Changed my mind.', 'AbortError'));
    await expect(first).rejects.toThrow('Changed my mind.');
    release();
    expect((await second).status).toBe(200);
    expect(personServer.count('auth-token')).toBe(1);
  });

  it('ends the exchange when nobody else waits for it, and the next call starts another', async () => {
    const { agentFetch, url, personServer, arrived, release, resource } = await setUpHeldExchange();
    const leaving = new AbortController();
    const call = agentFetch(url, { signal: leaving.signal });
    await arrived;
    leaving.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    release();
    expect((await agentFetch(url)).status).toBe(200);
    expect(personServer.server.received.filter(({ target }) => target === '/auth-token')).toHaveLength(2);
    expect(resource.reached).toHaveLength(1);
  });

  it('before it begins sends nothing', async () => {
    const { agentFetch, url, resource, personServer } = await setUpAgentAccess();
    await expect(agentFetch(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(resource.server.received.filter(isCall)).toEqual([]);
    expect(personServer.asked).toEqual([]);
  });
});
