import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askForAuthToken, atPending, decide, poll, untilHeld, type Waiting, waiting } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, claimsOf, personToken, type TestAgent } from '../../test/test-agent.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;
let presented: string;
let pending: Waiting;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  agent = await approvedAgent(deployment);
  presented = await personToken(deployment, agent, resource);
  pending = waiting(await askForAuthToken(deployment, agent, resource, { presented }));
});

const question = { clarification_question: 'What do you need the stock for?' };
const answer = (body: object, sender = agent) => atPending(deployment, sender, pending.path, { method: 'POST', body });
const response = { action: 'clarification_response', clarification_response: 'To *plan* purchases' };

const upheavals = [
  ['nothing', async () => {}],
  ['a restart', () => deployment.restart()],
  ['a turn to another replica', async () => deployment.useReplica(1)],
] as const;

describe('a question of the person', () => {
  test.each(upheavals)('reaches the agent, and its answer the person, after %s', async (_, upheaval) => {
    expect((await decide(deployment, pending, question)).body).toMatchObject({
      status: 'clarifying',
      questions_left: 4,
    });
    await upheaval();
    const asked = await poll(deployment, agent, pending);
    expect([asked.status, asked.headers.get('aauth-requirement')]).toEqual([202, 'requirement=clarification']);
    expect(asked.body).toMatchObject({ clarification: question.clarification_question, timeout: expect.any(Number) });
    await upheaval();
    const answered = await answer(response);
    expect([answered.status, answered.body.clarification]).toEqual([202, undefined]);
    expect(answered.headers.get('aauth-requirement')).toContain('requirement=interaction');
    const shown = await deployment.asPerson(`/consent/${pending.id}`);
    expect(await shown.json()).toMatchObject({
      status: 'interacting',
      questions: [{ question: question.clarification_question, answer: 'To *plan* purchases', updated_request: false }],
    });
    await decide(deployment, pending, { approved: true });
    expect((await poll(deployment, agent, pending)).status).toBe(200);
  });

  test('wakes a held poll', async () => {
    const held = poll(deployment, agent, pending, 20);
    await untilHeld(deployment, pending);
    await decide(deployment, pending, question);
    expect((await held).body.clarification).toBe(question.clarification_question);
  });

  test('can be put five times, to an agent that answers questions', async () => {
    for (let round = 1; round <= 5; round += 1) {
      expect((await decide(deployment, pending, question)).status).toBe(200);
      expect((await answer(response)).status).toBe(202);
    }
    expect((await decide(deployment, pending, question)).body).toMatchObject({
      status: 409,
      error: 'questions_exhausted',
    });
    const silent = waiting(
      await askForAuthToken(deployment, agent, resource, { presented, capabilities: ['interaction'] }),
    );
    expect((await decide(deployment, silent, question)).body.error).toBe('questions_exhausted');
    for (const words of ['', ' ', 'x'.repeat(1001)]) {
      const refused = await decide(deployment, silent, { clarification_question: words });
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request']);
    }
  });

  test('leaves the person free to decide before it is answered', async () => {
    await decide(deployment, pending, question);
    await decide(deployment, pending, { approved: true });
    expect((await answer(response)).status).toBe(410);
    expect((await poll(deployment, agent, pending)).status).toBe(200);
  });
});

describe('an answer is refused', () => {
  test('when nothing was asked, when it makes no sense, and of anybody else', async () => {
    expect((await answer(response)).body.error).toBe('invalid_request');
    await decide(deployment, pending, question);
    for (const body of [
      {},
      { action: 'other' },
      { action: 'clarification_response' },
      { clarification_response: 'x' },
    ]) {
      const refused = await answer(body);
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request']);
    }
    expect((await answer(response, await approvedAgent(deployment, 'Other'))).status).toBe(404);
    expect((await answer(response)).status).toBe(202);
    expect((await answer(response)).status).toBe(400);
  });
});

describe('an updated request', () => {
  const update = async (altered: { scope?: string[]; account?: string }, more: object = {}) =>
    answer({
      action: 'updated_request',
      resource_token: await resource.challenge(presented, altered),
      presented_token: presented,
      justification: 'Reading is enough.',
      ...more,
    });

  test('takes the place of the first, and the person grants that', async () => {
    await decide(deployment, pending, question);
    expect((await update({ scope: ['write', 'require:user'] })).status).toBe(202);
    const shown = Object(await (await deployment.asPerson(`/consent/${pending.id}`)).json());
    expect(shown).toMatchObject({
      scopes: ['write', 'require:user'],
      justification: 'Reading is enough.',
      questions: [{ updated_request: true, answer: 'Reading is enough.' }],
    });
    // What the person had read before is not granted any more.
    expect((await decide(deployment, pending, { approved: true, scopes: ['read', 'require:user'] })).status).toBe(400);
    await decide(deployment, pending, { approved: true });
    const granted = await poll(deployment, agent, pending);
    expect(claimsOf(String(granted.body.auth_token)).scope).toBe('write require:user');
  });

  test('keeps the account and the resource, and is verified like any other', async () => {
    await decide(deployment, pending, question);
    expect((await update({ account: 'another' })).body.error).toBe('invalid_resource_token');
    expect((await update({}, { resource_token: 'e30.e30.e30' })).body.error).toBe('invalid_resource_token');
    expect((await update({}, { presented_token: presented.slice(0, -4) })).body.error).toBe('invalid_presented_token');
    const other = await startResourcePeer(deployment.clock, 'other');
    const elsewhere = await personToken(deployment, agent, other);
    const moved = { resource_token: await other.challenge(elsewhere), presented_token: elsewhere };
    expect((await update({}, moved)).body.error).toBe('invalid_resource_token');
    await other.stop();
    expect((await update({ scope: ['read'] })).status).toBe(202);
  });
});

test.each(upheavals)(
  'a request that the agent takes back is gone, for the person too, after %s',
  async (_, upheaval) => {
    const cancelled = await atPending(deployment, agent, pending.path, { method: 'DELETE' });
    expect([cancelled.status, cancelled.body]).toEqual([204, {}]);
    await upheaval();
    expect((await poll(deployment, agent, pending)).status).toBe(410);
    deployment.clock.advance(2);
    expect((await atPending(deployment, agent, pending.path, { method: 'DELETE' })).status).toBe(410);
    expect((await decide(deployment, pending, { approved: true })).body).toMatchObject({
      error: 'already_decided',
      request_status: 'cancelled',
    });
  },
);
