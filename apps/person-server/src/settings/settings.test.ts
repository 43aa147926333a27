import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jsonBody, signIn } from '../../test/browser-session.ts';
import { askForPersonToken } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, type TestAgent } from '../../test/test-agent.ts';
import { settings } from '../db/schema.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
  agent = await approvedAgent(deployment);
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  await deployment.db.delete(settings);
});

const path = '/person/settings';
const patch = (body: unknown) => deployment.asPerson(path, jsonBody('PATCH', body));
const current = async () => Object(await (await deployment.asPerson(path)).json());
const ask = async () => (await askForPersonToken(deployment, agent, resource)).status;

describe('settings', () => {
  test('are the deployment’s until the person changes them', async () => {
    expect(await current()).toEqual({
      consent_policy: 'standing',
      needs_person_scopes: ['require:user'],
      defaults: { consent_policy: 'standing', needs_person_scopes: ['require:user'] },
      token_lifetime: 3600,
      session_lifetime: 43_200,
    });
    expect((await deployment.request(path)).status).toBe(401);
  });

  test('hold at every replica at once, and after a restart', async () => {
    expect(await ask()).toBe(200);
    const response = await patch({ consent_policy: 'always' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      consent_policy: 'always',
      defaults: { consent_policy: 'standing' },
    });
    deployment.useReplica(1);
    expect(await ask()).toBe(202);
    await deployment.restart();
    expect(await ask()).toBe(202);
    expect(await current()).toMatchObject({ consent_policy: 'always' });
  });

  test('are changed one by one; what the person has not set follows the deployment', async () => {
    await patch({ needs_person_scopes: ['orders:write', 'orders:write'] });
    await deployment.restart({ AAUTH_CONSENT_POLICY: 'first-use', AAUTH_NEEDS_PERSON_SCOPES: 'fly' });
    expect(await current()).toMatchObject({
      consent_policy: 'first-use',
      needs_person_scopes: ['orders:write'],
      defaults: { consent_policy: 'first-use', needs_person_scopes: ['fly'] },
    });
    await patch({ needs_person_scopes: [] });
    expect(await current()).toMatchObject({ needs_person_scopes: [] });
    await deployment.restart();
  });

  test('that change are part of the activity, with what they were; those that do not are not', async () => {
    const entries = async () =>
      Object(await (await deployment.asPerson('/person/activity?kind=settings-changed')).json()).entries;
    const before = (await entries()).length;
    await patch({});
    await patch({ consent_policy: 'standing' });
    expect(await entries()).toHaveLength(before);
    await patch({ consent_policy: 'always', needs_person_scopes: [] });
    expect((await entries())[0]).toMatchObject({
      via: 'bearer',
      outcome: 'done',
      detail: 'Consent policy: always, before standing. Scopes that only the person grants: none, before require:user.',
    });
  });

  test.each([
    { consent_policy: 'never' },
    { needs_person_scopes: 'require:user' },
    { needs_person_scopes: ['two words'] },
    { needs_person_scopes: [''] },
    { needs_person_scopes: ['"'] },
    { needs_person_scopes: Array(101).fill('x') },
    [],
    null,
  ])('%j is invalid_request, and changes nothing', async (body) => {
    const before = await current();
    const response = await patch(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    expect(await current()).toEqual(before);
  });

  test('are changed by the person’s own pages alone', async () => {
    const session = await signIn(deployment);
    const body = { consent_policy: 'always' };
    expect((await deployment.request(path, jsonBody('PATCH', body))).status).toBe(401);
    expect((await session.change('PATCH', path, { body, csrfToken: '' })).status).toBe(403);
    expect((await session.change('PATCH', path, { body, origin: 'https://evil.example' })).status).toBe(403);
    expect(await current()).toMatchObject({ consent_policy: 'standing' });
    expect((await session.change('PATCH', path, { body })).status).toBe(200);
  });
});
