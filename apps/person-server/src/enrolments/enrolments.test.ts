import { like } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signIn } from '../../test/browser-session.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { activity, agents, people } from '../db/schema.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2 });
});
afterAll(() => deployment.stop());
beforeEach(() => {
  deployment.useReplica(0);
  deployment.peer.answer = undefined;
});

const post = { method: 'POST' };
const pathOf = (id: string, action: string) => `/person/registrations/${id}/${action}`;

/** What a refused request must not have done: told the Agent Provider, or left a trace of a decision. */
async function expectUntouched(before: Awaited<ReturnType<typeof state>>) {
  expect(await state()).toEqual(before);
}

async function state() {
  const told = deployment.peer.requests.filter((request) => request.startsWith('POST'));
  return { told, decisions: await deployment.db.$count(activity, like(activity.kind, 'enrolment-%')) };
}

describe('GET /person/registrations', () => {
  test('lists who waits, as the Agent Provider has it', async () => {
    const registration = await deployment.peer.enrol('Backend App');
    const response = await deployment.asPerson('/person/registrations');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toContainEqual({ ...registration, agent_provider: deployment.peer.issuer });
  });
});

describe('approving', () => {
  test('tells the Agent Provider for whom, fixes whose the agent is, and records the decision', async () => {
    const { id } = await deployment.peer.enrol('Supply Chain Optimizer Agent');
    const response = await deployment.asPerson(pathOf(id, 'approve'), post);
    expect(response.status).toBe(200);
    const binding = deployment.peer.bindings.find(({ agent_id }) => agent_id.includes(id.slice(0, 8)));
    expect(await response.json()).toEqual({ agent_id: binding?.agent_id, agent_name: 'Supply Chain Optimizer Agent' });

    const [person] = await deployment.db.select().from(people);
    expect(binding?.person_id).toBe(person?.id);
    expect(await deployment.db.select().from(agents)).toContainEqual(
      expect.objectContaining({
        agentId: binding?.agent_id,
        agentProvider: deployment.peer.issuer,
        personId: person?.id,
      }),
    );
    expect(await deployment.db.select().from(activity)).toContainEqual(
      expect.objectContaining({
        kind: 'enrolment-approved',
        enrolmentId: id,
        agentId: binding?.agent_id,
        agentName: 'Supply Chain Optimizer Agent',
        via: 'bearer',
        outcome: 'done',
        personId: person?.id,
      }),
    );
    const line = deployment.log.lines().find(({ enrolmentId, level }) => enrolmentId === id && level === 'info');
    expect(line).toMatchObject({
      decision: 'enrolment-approved',
      via: 'bearer',
      agentProvider: deployment.peer.issuer,
    });
  });

  test('survives a restart between seeing and deciding, and between deciding and looking', async () => {
    const { id } = await deployment.peer.enrol('Patient Agent');
    await deployment.asPerson('/person/registrations');
    await deployment.restart();
    expect((await deployment.asPerson(pathOf(id, 'approve'), post)).status).toBe(200);
    await deployment.restart();
    const bindings = await (await deployment.asPerson('/person/bindings')).json();
    expect(bindings).toContainEqual(expect.objectContaining({ agent_name: 'Patient Agent', revoked: false }));
  });

  test('does not hand over an agent that belongs to another person', async () => {
    const { id } = await deployment.peer.enrol('Claimed Agent');
    const other = { id: crypto.randomUUID(), role: 'somebody else', createdAt: new Date() };
    await deployment.db.insert(people).values(other);
    const agentId = `aauth:agent-${id.slice(0, 8)}@${deployment.peer.issuer.replace('http://', '')}`;
    const taken = { agentProvider: deployment.peer.issuer, agentId, personId: other.id, approvedAt: new Date() };
    await deployment.db.insert(agents).values(taken);

    const response = await deployment.asPerson(pathOf(id, 'approve'), post);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      error: 'conflict',
      detail: expect.stringContaining('another person'),
    });
    const bindings = await (await deployment.asPerson('/person/bindings')).json();
    expect(JSON.stringify(bindings)).not.toContain('Claimed Agent');
    const revoke = await deployment.asPerson(`/person/bindings/${encodeURIComponent(agentId)}/revoke`, post);
    expect(revoke.status).toBe(404);
  });
});

describe('denying', () => {
  test('tells the Agent Provider and records the decision', async () => {
    const { id } = await deployment.peer.enrol('Unwanted Agent');
    const response = await deployment.asPerson(pathOf(id, 'deny'), post);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
    expect(deployment.peer.registrations.find((candidate) => candidate.id === id)?.status).toBe('denied');
    expect(await deployment.db.select().from(activity)).toContainEqual(
      expect.objectContaining({
        kind: 'enrolment-denied',
        enrolmentId: id,
        agentName: 'Unwanted Agent',
        outcome: 'done',
      }),
    );
  });
});

describe('W16: a decision is the person’s, and is made once', () => {
  test('a request without the session is refused, and nobody is told', async () => {
    const { id } = await deployment.peer.enrol('Self-approving Agent');
    const before = await state();
    for (const action of ['approve', 'deny']) {
      const response = await deployment.request(pathOf(id, action), post);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: 'session_required' });
    }
    const wrong = await deployment.request(pathOf(id, 'approve'), {
      ...post,
      headers: { authorization: `Bearer ${id}` },
    });
    expect(wrong.status).toBe(403);
    await expectUntouched(before);
    expect((await deployment.asPerson(pathOf(id, 'approve'), post)).status).toBe(200);
  });

  test('a cookie needs our origin and our token beside it', async () => {
    const { id } = await deployment.peer.enrol('Cross-site Agent');
    const session = await signIn(deployment);
    const before = await state();
    const refused = [
      await session.change('POST', pathOf(id, 'approve'), { origin: 'https://evil.example' }),
      await session.change('POST', pathOf(id, 'approve'), { origin: 'null' }),
      await session.change('POST', pathOf(id, 'approve'), { csrfToken: '' }),
      await session.change('POST', pathOf(id, 'approve'), { csrfToken: `${session.csrfToken}x` }),
      await session.change('POST', pathOf(id, 'approve'), { csrfToken: (await signIn(deployment)).csrfToken }),
      await deployment.request(pathOf(id, 'approve'), { ...post, headers: { cookie: session.cookie } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual(Array(6).fill(403));
    const problems = await Promise.all(refused.map((response) => response.text()));
    expect(problems.map((text) => /"error":"(\w+)"/.exec(text)?.[1])).toEqual([
      'wrong_origin',
      'wrong_origin',
      'csrf_token_required',
      'csrf_token_required',
      'csrf_token_required',
      'wrong_origin',
    ]);
    await expectUntouched(before);

    const headers = { cookie: session.cookie, origin: deployment.origin, 'x-csrf-token': session.csrfToken };
    expect((await deployment.request(pathOf(id, 'approve'), { ...post, headers })).status).toBe(200);
  });

  test('an approval after a denial, or after it expired, changes nothing', async () => {
    const denied = await deployment.peer.enrol('Denied Agent');
    expect((await deployment.asPerson(pathOf(denied.id, 'deny'), post)).status).toBe(200);
    const again = await deployment.asPerson(pathOf(denied.id, 'approve'), post);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ error: 'conflict', detail: 'This enrolment is denied.' });
    expect(deployment.peer.bindings.map(({ agent_name }) => agent_name)).not.toContain('Denied Agent');

    const expired = await deployment.peer.enrol('Late Agent');
    expired.expires_at = new Date(0).toISOString();
    expect((await deployment.asPerson(pathOf(expired.id, 'approve'), post)).status).toBe(409);
    expect(await deployment.db.select().from(activity)).toContainEqual(
      expect.objectContaining({ enrolmentId: expired.id, outcome: 'refused' }),
    );
  });

  test('of two decisions at two replicas at once, one counts', async () => {
    const { id } = await deployment.peer.enrol('Contested Agent');
    const approving = deployment.asPerson(pathOf(id, 'approve'), post);
    deployment.useReplica(1);
    const denying = deployment.asPerson(pathOf(id, 'deny'), post);
    const statuses = [(await approving).status, (await denying).status];
    expect(statuses.toSorted()).toEqual([200, 409]);
  });
});

describe('the Agent Provider', () => {
  test('that does not know an enrolment makes it 404; what cannot be one is not even asked for', async () => {
    const unknown = await deployment.asPerson(pathOf(crypto.randomUUID(), 'approve'), post);
    expect(unknown.status).toBe(404);
    const before = await state();
    for (const id of ['..%2f..%2fbindings', 'a%20b', 'x'.repeat(200)]) {
      expect((await deployment.asPerson(pathOf(id, 'approve'), post)).status).toBe(404);
    }
    await expectUntouched(before);
  });

  test('that is away makes it 503 with a message a person understands, until it is back', async () => {
    const { id } = await deployment.peer.enrol('Waiting Agent');
    await deployment.peer.goAway();
    for (const response of [
      await deployment.asPerson('/person/registrations'),
      await deployment.asPerson('/person/bindings'),
      await deployment.asPerson(pathOf(id, 'approve'), post),
    ]) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(response.headers.get('signature-error')).toBeNull();
      expect(await response.json()).toMatchObject({
        error: 'temporarily_unavailable',
        detail: `The Agent Provider at ${deployment.peer.issuer} is not answering. Try again when it is running.`,
      });
    }
    await deployment.peer.comeBack();
    expect((await deployment.asPerson(pathOf(id, 'approve'), post)).status).toBe(200);
  });

  test('that fails, refuses us or talks nonsense makes it 503, never a success', async () => {
    const { id } = await deployment.peer.enrol('Unlucky Agent');
    const answers = [
      () => new Response('<html>', { status: 500 }),
      () => Response.json({ error: 'invalid_signature', detail: 'unknown server' }, { status: 403 }),
      () => Response.json([{ id: 1 }]),
      () => new Response('not json'),
      () => new Response(null, { status: 302, headers: { location: 'http://127.0.0.1:1/' } }),
    ];
    for (const answer of answers) {
      deployment.peer.answer = answer;
      expect((await deployment.asPerson(pathOf(id, 'approve'), post)).status).toBe(503);
    }
    deployment.peer.answer = undefined;
    expect((await deployment.asPerson(pathOf(id, 'approve'), post)).status).toBe(200);
  });
});

test('a body larger than any that is needed is refused', async () => {
  const { id } = await deployment.peer.enrol('Verbose Agent');
  const before = await state();
  const response = await deployment.asPerson(pathOf(id, 'approve'), { ...post, body: 'x'.repeat(20_000) });
  expect(response.status).toBe(413);
  await expectUntouched(before);
});
