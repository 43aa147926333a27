import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { asPerson } from '../support/person.ts';
import { until } from '../support/until.ts';
import { agentIds, answers, compose, forget, ready, up } from './deployment.ts';

const prompt = 'perform market analysis';
const mode = { AAUTH_MODE: 'user-consent' };

describe.skipIf(!inject('engine'))('what the containers know', () => {
  beforeAll(() => up(mode));
  afterAll(forget);

  it('survives `down`: identities, approvals and consents', async () => {
    const before = await agentIds();
    expect(Object.keys(before)).toHaveLength(3);
    const first = await startRun({ prompt });
    const { pending_id } = await consentRequest((await interactionOf(first)).interaction_code);
    await decide(pending_id, { approved: true, remember: true });
    expect((await endOf(first)).status).toBe('completed');

    await compose(['down']);
    await up(mode);
    expect(await agentIds()).toEqual(before);
    const second = await endOf(await startRun({ prompt }));
    expect([second.status, second.error, second.interaction_url]).toEqual(['completed', null, null]);
  });

  it('is given up by `down --volumes`', async () => {
    const before = Object.values(await agentIds());
    await forget();
    await up(mode);
    const after = Object.values(await agentIds());
    expect(after).toHaveLength(3);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
  });

  it('waits for the person’s approval with AAUTH_MANUAL_APPROVAL=1', async () => {
    await forget();
    await compose(['up', '--detach', '--no-build'], { ...mode, AAUTH_MANUAL_APPROVAL: '1' });
    const requests = await until('three agents to ask', async () => {
      const found = await asPerson<{ id: string; agent_name: string }[]>('/person/registrations');
      return found.length === 3 && found;
    });
    expect(await compose(['logs', '--no-log-prefix', 'approval'])).toContain('Agents wait for your approval at');
    expect(await answers('backend', 8000, '/readyz')).toBe(false);
    for (const { id } of requests) await asPerson(`/person/registrations/${id}/approve`, { method: 'POST' });
    await ready();
    expect(Object.keys(await agentIds())).toHaveLength(3);
  });
});
