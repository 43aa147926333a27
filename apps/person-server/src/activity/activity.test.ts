import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn } from '../../test/browser-session.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, ask, authToken, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';
import { activity, people } from '../db/schema.ts';
import type { ActivityKind } from './kinds.ts';
import { recordActivity } from './record.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock, 'warehouse');
  agent = await approvedAgent(deployment, 'Shopping Agent');
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});

const read = async (query: Record<string, string> = {}) =>
  Object(await (await deployment.asPerson(`/person/activity?${new URLSearchParams(query)}`)).json());
const latest = async (kind: ActivityKind) => (await read({ kind })).entries[0];
const post = (path: string) => deployment.asPerson(path, { method: 'POST' });

describe('GET /person/activity', () => {
  test('has each decision of the person and what came of it', async () => {
    const { id } = await deployment.peer.enrol('Unknown Agent');
    await post(`/person/registrations/${id}/deny`);
    const entry = {
      id: expect.any(String),
      at: expect.stringMatching(/^\d{4}-/),
      kind: 'enrolment-denied',
      outcome: 'done',
      agent_id: null,
      agent_name: 'Unknown Agent',
      agent_provider: deployment.peer.issuer,
      resource: null,
      resource_name: null,
      scopes: [],
      token_type: null,
      jti: null,
      pending_id: null,
      on_behalf_of: null,
      reason: null,
      justification: null,
      via: 'bearer',
      detail: null,
    };
    expect(await latest('enrolment-denied')).toEqual(entry);
    await post(`/person/registrations/${id}/approve`);
    expect((await read()).entries[0]).toEqual({
      ...entry,
      kind: 'enrolment-approved',
      // Its provider lists it no more.
      agent_name: null,
      outcome: 'refused',
      detail: 'This enrolment is denied.',
    });
    expect((await deployment.request('/person/activity')).status).toBe(401);
  });

  test('has the tokens that were issued, refused and revoked, by whose name and why', async () => {
    const presented = await personToken(deployment, agent, resource, { justification: 'To order' });
    const granted = await authToken(deployment, agent, resource, presented);
    const common = { agent_id: agent.id, agent_name: 'Shopping Agent', resource: resource.issuer };
    expect((await read({ kind: 'token-issued' })).entries.slice(0, 2)).toMatchObject([
      { ...common, token_type: 'aa-auth+jwt', scopes: ['read'], jti: jtiOf(granted), reason: 'standing-policy' },
      {
        ...common,
        token_type: 'aa-person+jwt',
        scopes: [],
        jti: jtiOf(presented),
        justification: 'To order',
        via: null,
      },
    ]);
    await post(`/person/issued-tokens/${jtiOf(granted)}/revoke`);
    expect(await latest('token-revoked')).toMatchObject({
      ...common,
      token_type: 'aa-auth+jwt',
      jti: jtiOf(granted),
      via: 'bearer',
    });
    const wanted = await resource.challenge(presented, { scope: ['require:user'] });
    await ask(deployment, agent, '/auth-token', { resource_token: wanted, presented_token: presented });
    expect(await latest('token-refused')).toMatchObject({
      ...common,
      outcome: 'refused',
      reason: 'scope-needs-person',
      detail: 'A scope among those wanted is granted by the person alone.',
    });
  });

  test('is found by every word of a search, in any case and any member, without wildcards', async () => {
    await personToken(deployment, agent, resource);
    const found = async (q: string) => (await read({ q })).entries.length;
    expect(await found('SHOPPING warehouse')).toBeGreaterThan(0);
    expect(await found(`${new URL(resource.issuer).host} ${agent.id.slice(6, 14)}`)).toBeGreaterThan(0);
    expect(await found('require:user')).toBeGreaterThan(0);
    expect(await found('shopping nowhere')).toBe(0);
    expect(await found('%')).toBe(0);
    expect(await found("' or 1=1 --")).toBe(0);
    expect(await found('unknown')).toBeGreaterThan(0);
  });

  test('is narrowed to kinds', async () => {
    await signIn(deployment);
    const { entries } = await read({ kind: 'signed-in,enrolment-denied' });
    const kinds = new Set(entries.map(({ kind }: { kind: string }) => kind));
    expect(kinds).toEqual(new Set(['signed-in', 'enrolment-denied']));
  });

  test.each(['kind=nothing', 'kind=signed-in,', 'limit=201', 'before=x', 'q=a+b+c+d+e+f+g+h+i+j+k'])(
    '%s is invalid_request',
    async (query) => {
      const response = await deployment.asPerson(`/person/activity?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    },
  );

  test('is read page by page, each entry once, also when new ones come in between and many are of one moment', async () => {
    const [person] = await deployment.db.select().from(people);
    const personId = person?.id ?? '';
    const at = Math.floor(deployment.clock.now()) + 100;
    const made = Array.from({ length: 23 }, (_, index) => `paged-${index}`);
    for (const [index, jti] of made.entries()) {
      await recordActivity(deployment.db, { kind: 'token-issued', personId, jti, at: at + (index % 3) });
    }
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = await read({ q: 'paged-', limit: '5', ...(before && { before }) });
      seen.push(...page.entries.map(({ jti }: { jti: string }) => jti));
      await recordActivity(deployment.db, { kind: 'token-issued', personId, jti: 'paged-later', at: at + 10 });
      before = page.next ?? undefined;
      deployment.useReplica(seen.length % 2);
    } while (before);
    expect(seen.toSorted()).toEqual(made.toSorted());
    const moments = (await read({ q: 'paged-' })).entries.map((entry: { at: string }) => Date.parse(entry.at));
    expect(moments).toEqual(moments.toSorted((a: number, b: number) => b - a));
  });

  test('is of nobody else', async () => {
    const other = { id: crypto.randomUUID(), role: 'somebody else', createdAt: new Date() };
    await deployment.db.insert(people).values(other);
    await recordActivity(deployment.db, { kind: 'signed-in', personId: other.id, at: 0, detail: 'secret of another' });
    expect((await read({ q: 'secret of another' })).entries).toEqual([]);
    await deployment.db.delete(activity);
  });

  test('is forgotten after a month', async () => {
    await signIn(deployment);
    deployment.clock.advance(29 * 86_400);
    await deployment.replicas()[0]?.maintain();
    expect((await read({ kind: 'signed-in' })).entries).toHaveLength(1);
    deployment.clock.advance(2 * 86_400);
    await deployment.replicas()[0]?.maintain();
    expect((await read()).entries).toEqual([]);
  });
});
