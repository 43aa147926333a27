import { describe, expect, it } from 'vitest';
import { setUpAgentAccess } from '../../test/support/agent-access.ts';
import type { AgentEvent } from './agent-events.ts';

const capabilitiesSent = ({ resource }: Awaited<ReturnType<typeof setUpAgentAccess>>) =>
  resource.server.received
    .filter(({ target }) => target.startsWith('/stock'))
    .map(({ headers }) => headers.get('aauth-capabilities'));

describe('a fetch for one piece of work', () => {
  it('says its own reason and capabilities, and uses the tokens of its agent', async () => {
    const setup = await setUpAgentAccess({
      agent: { capabilities: ['payment'], justification: 'In general.', platform: 'workload', device: 'a rack' },
    });
    const { agentFetch, url, personServer } = setup;
    const work = { capabilities: ['interaction', 'clarification'], justification: 'For order 7.' };
    expect((await agentFetch.with(work)(url)).status).toBe(200);
    for (const { body } of personServer.asked) {
      expect(body).toMatchObject({ ...work, platform: 'workload', device: 'a rack' });
    }
    expect(personServer.asked).toHaveLength(2);
    expect((await agentFetch(url)).status).toBe(200);
    expect(personServer.asked).toHaveLength(2);
    expect(capabilitiesSent(setup)).toEqual(['interaction, clarification', 'interaction, clarification', 'payment']);
  });

  it('says what its agent says where it has nothing of its own', async () => {
    const { agentFetch, url, personServer } = await setUpAgentAccess({
      agent: { capabilities: ['interaction'], justification: 'In general.' },
    });
    await agentFetch.with({})(url);
    expect(personServer.asked[1]?.body).toMatchObject({ capabilities: ['interaction'], justification: 'In general.' });
    expect(personServer.asked[1]?.body).not.toHaveProperty('platform');
  });

  it('hears of its own calls only; its agent hears of all', async () => {
    const { agentFetch, url, events } = await setUpAgentAccess();
    const own: AgentEvent[] = [];
    await agentFetch.with({ onEvent: (event) => own.push(event) })(url);
    expect(own).toEqual(events);
    const count = own.length;
    await agentFetch(url);
    expect(own).toHaveLength(count);
    expect(events.length).toBeGreaterThan(count);
  });

  it('shares a request to the person server only with those who can do the same while it is pending', async () => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    const able = agentFetch.with({ capabilities: ['interaction', 'clarification'] });
    const alike = agentFetch.with({ capabilities: ['clarification', 'interaction'] });
    await Promise.all([able(url), alike(url), agentFetch(url)]);
    const askedFor = (endpoint: string) =>
      personServer.asked.filter((asked) => asked.endpoint === endpoint).map(({ body }) => body.capabilities);
    expect(askedFor('person-token')).toHaveLength(2);
    expect(askedFor('person-token')).toContain(undefined);
  });

  it('keeps what the person was asked for to itself: the next piece asks again, with its own reason', async () => {
    const { agentFetch, url, personServer } = await setUpAgentAccess();
    const parameters = { url: 'https://ps.example/consent', code: 'A1B2-C3D4' };
    personServer.instead = ({ method }) => {
      personServer.decision = method === 'POST' ? 'pending' : 'grant';
      return undefined;
    };
    personServer.pending = { requirement: { requirement: 'interaction', parameters } };
    const reasons = () =>
      personServer.asked.filter(({ endpoint }) => endpoint === 'auth-token').map(({ body }) => body.justification);
    const first = agentFetch.with({ capabilities: ['interaction'], justification: 'For order 7.' });
    expect((await first(url)).status).toBe(200);
    expect((await first(url)).status).toBe(200);
    expect(reasons()).toEqual(['For order 7.']);
    const second = agentFetch.with({ capabilities: ['interaction'], justification: 'For order 8.' });
    expect((await second(url)).status).toBe(200);
    expect(reasons()).toEqual(['For order 7.', 'For order 8.']);

    // Where the person server remembers, nobody is asked, and what it grants is for all.
    personServer.instead = undefined;
    personServer.decision = 'grant';
    const third = agentFetch.with({ justification: 'For order 9.' });
    expect((await third(url)).status).toBe(200);
    expect((await agentFetch.with({})(url)).status).toBe(200);
    expect(reasons()).toEqual(['For order 7.', 'For order 8.', 'For order 9.']);
  });
});
