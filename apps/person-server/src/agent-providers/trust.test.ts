import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AgentProviderPeer, newKey, startAgentProviderPeer } from '../../test/agent-provider-peer.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { agentTokenOf, ask, authToken, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';
import { activity, agents } from '../db/schema.ts';

let deployment: Deployment;
let resource: ResourcePeer;
/** Another deployment's agent provider. */
let foreign: AgentProviderPeer;
let agent: TestAgent;

const path = '/person/trusted-agent-servers';

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
  foreign = await startAgentProviderPeer(deployment.clock);
  const altered = { issuer: foreign.issuer, key: foreign.key };
  const id = `aauth:visitor@${new URL(foreign.issuer).host}`;
  agent = await agentTokenOf(deployment, id, await newKey('visitor'), altered);
  return () => foreign.stop();
});

const json = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const add = (body: unknown) => deployment.asPerson(path, json(body));
const remove = (issuer: string) =>
  deployment.asPerson(`${path}?issuer=${encodeURIComponent(issuer)}`, { method: 'DELETE' });
const askForToken = () => ask(deployment, agent, '/person-token', { resource: resource.issuer });

/** As if the person had approved the visiting agent, which no page lets them yet. */
async function bind() {
  const [own] = await deployment.db.select().from(agents).limit(1);
  const { id } = await deployment.peer.enrol('Own Agent');
  if (!own) await deployment.asPerson(`/person/registrations/${id}/approve`, { method: 'POST' });
  const [some] = await deployment.db.select().from(agents).limit(1);
  if (!some) throw new Error('Nobody has an agent here.');
  await deployment.db
    .insert(agents)
    .values({ ...some, agentProvider: foreign.issuer, agentId: agent.id })
    .onConflictDoNothing();
}

describe('an agent provider that the person adds', () => {
  test('is trusted by every replica, listed with what it publishes, and recorded as a decision', async () => {
    expect((await askForToken()).status).toBe(401);
    const response = await add({ issuer: foreign.issuer, display_name: ' Partner ' });
    expect(response.status).toBe(201);
    const row = {
      issuer: foreign.issuer,
      display_name: 'Partner',
      description: 'Runs **agents** of others.',
      jwks_uri: `${foreign.issuer}/.well-known/jwks.json`,
      jwks_fingerprint: expect.stringMatching(/^[\w-]{43}$/),
      implicit: false,
      added_at: expect.stringMatching(/^\d{4}-/),
    };
    expect(await response.json()).toEqual(row);
    deployment.useReplica(1);
    expect(await (await deployment.asPerson(path)).json()).toContainEqual(row);
    const unbound = await askForToken();
    expect([unbound.status, unbound.body.error]).toEqual([403, 'user_unreachable']);
    expect(unbound.body.detail).toContain(`No person has approved the agent ${agent.id}`);
    await bind();
    expect((await askForToken()).status).toBe(200);
    const recorded = await deployment.db.select().from(activity).where(eq(activity.kind, 'provider-added'));
    expect(recorded).toMatchObject([{ agentProvider: foreign.issuer, outcome: 'done', via: 'bearer' }]);
  });

  test('is called what it calls itself, unless the person says otherwise', async () => {
    expect(await (await add({ issuer: foreign.issuer })).json()).toMatchObject({
      display_name: 'Peer <b>Provider</b>',
    });
  });

  test('is trusted no longer when it is removed, and what its agents had is taken back', async () => {
    await add({ issuer: foreign.issuer });
    await bind();
    const person = await personToken(deployment, agent, resource);
    const auth = await authToken(deployment, agent, resource, person);
    resource.revoked.length = 0;
    deployment.useReplica(1);
    expect((await remove(foreign.issuer)).status).toBe(204);
    expect(resource.revoked.map(({ jti }) => jti).sort()).toEqual([person, auth].map(jtiOf).sort());
    const answer = await askForToken();
    expect([answer.status, answer.headers.get('signature-error')]).toEqual([401, 'error=invalid_jwt']);
    expect((await remove(foreign.issuer)).status).toBe(404);
  });
});

describe('a provider is not added', () => {
  test('without the person’s session', async () => {
    expect((await deployment.request(path, json({ issuer: foreign.issuer }))).status).toBe(401);
    expect((await deployment.request(`${path}?issuer=${foreign.issuer}`, { method: 'DELETE' })).status).toBe(401);
    expect((await askForToken()).status).toBe(401);
  });

  test('twice, and the deployment’s own neither added nor removed', async () => {
    expect((await add({ issuer: foreign.issuer })).status).toBe(201);
    expect((await add({ issuer: foreign.issuer })).status).toBe(409);
    expect((await add({ issuer: deployment.peer.issuer })).status).toBe(409);
    expect((await remove(deployment.peer.issuer)).status).toBe(409);
  });

  test.each([
    [{}],
    [{ issuer: 7 }],
    [{ issuer: 'x' }],
    [{ issuer: 'http://ap.example' }],
    [{ issuer: 'https://a/b' }],
    ['no'],
  ])('by %o', async (body) => {
    const response = await add(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });

  test('that does not answer', async () => {
    await foreign.goAway();
    const response = await add({ issuer: foreign.issuer });
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({
      error: 'provider_unreachable',
      detail: expect.stringContaining(`The metadata of ${foreign.issuer} cannot be read`),
    });
    await foreign.comeBack();
  });

  test('that is none: its metadata is another’s, or none of its keys is usable', async () => {
    const liar = await startResourcePeer(deployment.clock, 'liar');
    expect((await add({ issuer: liar.issuer })).status).toBe(201);
    await remove(liar.issuer);
    const wrongName = liar.issuer.replace('liar', 'other-name');
    const response = await add({ issuer: wrongName });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: 'invalid_request',
      detail: expect.stringContaining('is no agent provider'),
    });
    await liar.stop();
  });
});
