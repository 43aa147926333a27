import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, ask, authToken, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';
import { issuedTokens } from '../db/schema.ts';
import { applyPolicy, consentPolicies } from './policy.ts';

describe('applyPolicy', () => {
  const person = { tokenType: 'aa-person+jwt', scope: [] } as const;
  const auth = (...scope: string[]) => ({ tokenType: 'aa-auth+jwt', scope }) as const;
  const needsPersonScopes = ['require:user'];

  test.each([
    ['standing', person, 'grant', 'standing-policy'],
    ['standing', auth('read'), 'grant', 'standing-policy'],
    ['standing', auth('read', 'require:user'), 'ask', 'scope-needs-person'],
    ['standing', auth(), 'ask', 'unnamed-scope-needs-person'],
    ['first-use', person, 'ask', 'first-use-asks'],
    ['first-use', auth('read'), 'ask', 'first-use-asks'],
    ['first-use', auth('require:user'), 'ask', 'scope-needs-person'],
    ['always', person, 'ask', 'always-asks'],
    ['always', auth('read'), 'ask', 'always-asks'],
  ] as const)('%s: %o is answered with %s, %s', (policy, question, answer, reason) => {
    expect(applyPolicy({ policy, needsPersonScopes }, question)).toMatchObject({ answer, reason });
  });

  test('never grants a scope that needs the person, whatever else is asked for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...consentPolicies),
        fc.array(fc.string(), { minLength: 1 }),
        fc.array(fc.string()),
        (policy, needed, others) => {
          const scope = [...others, ...needed.slice(0, 1)];
          const answer = applyPolicy({ policy, needsPersonScopes: needed }, { tokenType: 'aa-auth+jwt', scope });
          expect(answer.answer).toBe('ask');
        },
      ),
    );
  });
});

describe('the policy', () => {
  let deployment: Deployment;
  let resource: ResourcePeer;
  let agent: TestAgent;

  beforeAll(async () => {
    deployment = await startDeployment({ environment: { AAUTH_CONSENT_POLICY: 'standing' } });
    resource = await startResourcePeer(deployment.clock);
    agent = await approvedAgent(deployment);
  });
  afterAll(async () => {
    await resource?.stop();
    await deployment?.stop();
  });

  const decisions = async () => {
    const { entries } = Object(
      await (await deployment.asPerson('/person/activity?kind=token-issued,token-refused')).json(),
    );
    return entries;
  };
  const issued = async () => (await deployment.db.select().from(issuedTokens)).length;

  test('that stands grants, and each decision is kept with its reason and its token', async () => {
    const presented = await personToken(deployment, agent, resource, { justification: 'To see what is in stock' });
    const granted = await authToken(deployment, agent, resource, presented);
    const [second, first] = await decisions();
    const common = {
      kind: 'token-issued',
      outcome: 'done',
      reason: 'standing-policy',
      agent_id: agent.id,
      resource: resource.issuer,
    };
    expect(first).toMatchObject({
      ...common,
      token_type: 'aa-person+jwt',
      jti: jtiOf(presented),
      justification: 'To see what is in stock',
      scopes: [],
      on_behalf_of: null,
    });
    expect(second).toMatchObject({ ...common, token_type: 'aa-auth+jwt', jti: jtiOf(granted), scopes: ['read'] });
  });

  test.each([
    ['a scope that needs the person', ['read', 'require:user'], 'scope-needs-person', '(require:user)'],
    ['no scope', [], 'unnamed-scope-needs-person', 'named no scope'],
  ])('that stands refuses %s to an agent that cannot send the person here', async (_, scope, reason, detail) => {
    const presented = await personToken(deployment, agent, resource);
    const before = await issued();
    const resourceToken = await resource.challenge(presented, { scope });
    const body = { resource_token: resourceToken, presented_token: presented, capabilities: ['payment'] };
    const answer = await ask(deployment, agent, '/auth-token', body);
    expect([answer.status, answer.body.error]).toEqual([403, 'user_unreachable']);
    expect(answer.body.detail).toContain(detail);
    expect(answer.headers.get('signature-error')).toBeNull();
    const [latest] = await decisions();
    expect(latest).toMatchObject({ kind: 'token-refused', outcome: 'refused', reason, jti: null, scopes: scope });
    expect(await issued()).toBe(before);
  });

  test.each([
    [{}, 'first-use-asks'],
    [{ AAUTH_CONSENT_POLICY: 'first-use' }, 'first-use-asks'],
    [{ AAUTH_CONSENT_POLICY: 'always' }, 'always-asks'],
  ])('%o refuses a person token and says that the person has to be asked', async (environment, reason) => {
    await deployment.restart(environment);
    const answer = await ask(deployment, agent, '/person-token', { resource: resource.issuer });
    expect([answer.status, answer.body.error]).toEqual([403, 'user_unreachable']);
    expect(answer.body.detail).toContain('no way to ask');
    const [latest] = await decisions();
    expect(latest).toMatchObject({ outcome: 'refused', reason, token_type: 'aa-person+jwt' });
    await deployment.restart();
  });

  test('may name other scopes, or none, as needing the person', async () => {
    const exchange = async (scope: string[]) => {
      const presented = await personToken(deployment, agent, resource);
      const tokens = { resource_token: await resource.challenge(presented, { scope }), presented_token: presented };
      return (await ask(deployment, agent, '/auth-token', tokens)).status;
    };
    await deployment.restart({ AAUTH_CONSENT_POLICY: 'standing', AAUTH_NEEDS_PERSON_SCOPES: 'write, fly' });
    expect([await exchange(['read', 'require:user']), await exchange(['write'])]).toEqual([200, 403]);
    await deployment.restart({ AAUTH_CONSENT_POLICY: 'standing', AAUTH_NEEDS_PERSON_SCOPES: ',' });
    expect(await exchange(['write', 'require:user'])).toBe(200);
    await deployment.restart();
  });
});
