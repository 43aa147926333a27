import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, ask, authToken, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';
import { describeResource } from './description.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  agent = await approvedAgent(deployment);
});
afterAll(() => deployment.stop());
beforeEach(async () => {
  deployment.useReplica(0);
  resource = await startResourcePeer(deployment.clock, 'warehouse');
  Object.assign(resource.metadata, {
    name: 'Warehouse',
    description: 'Knows **stock**.',
    tos_uri: 'https://a.example/t',
  });
  return () => resource.stop();
});

const get = async (path: string) => Object(await (await deployment.asPerson(path)).json());
const rowOf = async () =>
  (await get('/person/resources')).find(({ issuer }: { issuer: string }) => issuer === resource.issuer);

describe('GET /person/resources', () => {
  test('has what a token was asked for, with what it says of itself and who uses it', async () => {
    expect(await rowOf()).toBeUndefined();
    const presented = await personToken(deployment, agent, resource);
    await authToken(deployment, agent, resource, presented);
    await personToken(deployment, await approvedAgent(deployment, 'Second Agent'), resource);
    deployment.useReplica(1);
    expect(await rowOf()).toEqual({
      issuer: resource.issuer,
      name: 'Warehouse',
      description: 'Knows **stock**.',
      access_mode: 'auth-token',
      documentation_uri: null,
      tos_uri: 'https://a.example/t',
      policy_uri: null,
      revocation_supported: true,
      scope_descriptions: { read: 'Read', write: 'Write', 'require:user': 'With the person' },
      metadata_read_at: expect.any(String),
      first_used_at: expect.any(String),
      last_used_at: expect.any(String),
      agents: 2,
      live_tokens: 3,
    });
    await deployment.asPerson(`/person/issued-tokens/${jtiOf(presented)}/revoke`, { method: 'POST' });
    expect(await rowOf()).toMatchObject({ live_tokens: 1 });
    expect((await deployment.request('/person/resources')).status).toBe(401);
  });

  test('has what a token was refused for, and no description of what does not answer', async () => {
    await deployment.restart({ AAUTH_CONSENT_POLICY: 'always' });
    expect((await ask(deployment, agent, '/person-token', { resource: resource.issuer })).status).toBe(403);
    await deployment.restart();
    await resource.goAway();
    expect(await rowOf()).toMatchObject({
      name: null,
      description: null,
      metadata_read_at: null,
      scope_descriptions: {},
    });
    await resource.comeBack();
    expect(await rowOf()).toMatchObject({ name: null });
    deployment.clock.advance(31);
    expect(await rowOf()).toMatchObject({ name: 'Warehouse' });
  });

  test('keeps what a resource said last while that is away, over restarts; then reads it anew', async () => {
    await personToken(deployment, agent, resource);
    expect(await rowOf()).toMatchObject({ name: 'Warehouse' });
    await resource.goAway();
    deployment.clock.advance(3600);
    await deployment.restart();
    expect(await rowOf()).toMatchObject({ name: 'Warehouse' });
    await resource.comeBack();
    resource.metadata.name = 'New Warehouse';
    const laterName = async () => {
      deployment.clock.advance(31);
      return (await rowOf()).name;
    };
    await expect.poll(laterName).toBe('New Warehouse');
  });

  test('gives tokens and activity the names of resources', async () => {
    const jti = jtiOf(await personToken(deployment, await approvedAgent(deployment), resource));
    const named = async () => {
      const { tokens } = await get('/person/issued-tokens');
      const { entries } = await get('/person/activity?q=warehouse');
      return [
        tokens.find((token: { jti: string }) => token.jti === jti)?.audience_name,
        entries.find((entry: { jti: string }) => entry.jti === jti)?.resource_name,
      ];
    };
    await expect.poll(named).toEqual(['Warehouse', 'Warehouse']);
  });
});

describe('describeResource', () => {
  const issuer = parseServerIdentifier('https://r.example', { allowLoopback: false });
  const describe_ = (metadata: object, allowLoopback = false) =>
    describeResource({ ...metadata, issuer }, { allowLoopback });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'http://a.example/',
    'https://',
    'file:///etc/passwd',
    7,
    null,
  ])('takes %j for no page', (uri) => {
    expect(describe_({ documentation_uri: uri, tos_uri: uri, policy_uri: uri })).toMatchObject({
      documentation_uri: null,
      tos_uri: null,
      policy_uri: null,
    });
  });

  test('takes a page on this machine where that is allowed', () => {
    const uri = 'http://r.localhost:3000/docs#top';
    expect(describe_({ documentation_uri: uri }, true).documentation_uri).toBe(uri);
    expect(describe_({ documentation_uri: uri }).documentation_uri).toBeNull();
  });

  test('whatever a resource publishes, its description is made of bounded text', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('name', 'description', 'access_mode', 'scope_descriptions', 'tos_uri'),
          fc.jsonValue(),
        ),
        (metadata) => {
          const description = describe_(metadata);
          expect(description.name === null || description.name.length <= 200).toBe(true);
          expect(Object.values(description.scope_descriptions).every((text) => typeof text === 'string')).toBe(true);
        },
      ),
    );
    expect(describe_({ name: 'x'.repeat(1000) }).name).toHaveLength(200);
  });
});
