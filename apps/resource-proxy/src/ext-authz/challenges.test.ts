import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CheckClient, checkMessage, createCheckClient } from '../testing/ext-authz-client.ts';
import { subject } from '../testing/person-server.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;
let client: CheckClient;

beforeAll(async () => {
  proxy = await startProxy({ mode: 'mode3' });
  client = createCheckClient(proxy.grpcPort);
});

afterAll(async () => {
  client.close();
  await proxy.close();
});

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

async function check(token: string, context: Record<string, string> = {}) {
  const answer = await client.check(checkMessage(await proxy.signed({ token }), { context }));
  const requirement = parseRequirement(String(answer.denied?.headers['aauth-requirement'] ?? ''));
  return { ...answer, requirement };
}

test('an agent token: present a person token', async () => {
  const { code, denied, requirement } = await check(proxy.agent.token);
  expect(code).toBe(16);
  expect(denied).toMatchObject({ status: 401, text: expect.stringContaining('"person_token_required"') });
  expect(requirement).toEqual({ requirement: 'person-token', parameters: {} });
  expect(denied?.headers).not.toHaveProperty('signature-error');
  expect(proxy.checks().at(-1)).toMatchObject({ result: 'challenged', level: 'identified' });
});

test('a person token: exchange this resource token', async () => {
  const person = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
  const { denied, requirement } = await check(person.token);
  expect(denied).toMatchObject({ status: 401, text: expect.stringContaining('"auth_token_required"') });
  expect(requirement?.requirement).toBe('auth-token');
  expect(decodeTokenForDisplay(requirement?.parameters['resource-token'] ?? '')).toMatchObject({
    header: { typ: 'aa-resource+jwt', kid: 'spa-rsk-1' },
    claims: {
      iss: proxy.supplyChain,
      aud: proxy.personServer.issuer,
      sub: subject,
      presented_jti: person.jti,
      agent_jkt: proxy.agent.key.thumbprint,
      scope: 'supply-chain:check supply-chain:read',
    },
  });
});

test('an auth token without the scope that the route asks for: exchange again', async () => {
  const { token, jti } = await proxy.personServer.grant(proxy.agent, proxy.supplyChain);
  const context = {
    aauth_resource_id: 'supply-chain-agent',
    aauth_required_scopes: 'supply-chain:read supply-chain:optimize',
  };
  const { denied, requirement } = await check(token, context);
  expect(denied).toMatchObject({ status: 401, text: expect.stringContaining('"insufficient_scope"') });
  expect(decodeTokenForDisplay(requirement?.parameters['resource-token'] ?? '')?.claims).toMatchObject({
    presented_jti: jti,
    scope: 'supply-chain:check supply-chain:read supply-chain:optimize',
  });
  const wider = { scope: ['supply-chain:read', 'supply-chain:optimize'] };
  proxy.clock.now += 1;
  const granted = await proxy.personServer.grant(proxy.agent, proxy.supplyChain, wider);
  expect((await check(granted.token, context)).metadata).toMatchObject({ level: 'authorized', scopes: wider.scope });
});

test('an auth token that is enough: with the token itself where the service calls others for the same person', async () => {
  const { token } = await proxy.personServer.grant(proxy.agent, proxy.supplyChain);
  const { allowed } = await check(token);
  expect(allowed?.headers['x-aauth-token']).toBe(token);
  expect(allowed?.headersToRemove).not.toContain('x-aauth-token');
});

test('a scope that the resource does not know, asked for by the gateway: nobody passes, and the log says why', async () => {
  const { token } = await proxy.personServer.grant(proxy.agent, proxy.supplyChain);
  const { code, denied } = await check(token, {
    aauth_resource_id: 'supply-chain-agent',
    aauth_required_scopes: 'supply-chain:reed',
  });
  expect(code).toBe(13);
  expect(denied).toMatchObject({ status: 500, text: expect.not.stringContaining('reed') });
  expect(proxy.checks().at(-1)).toMatchObject({
    resource_id: 'supply-chain-agent',
    result: 'error',
    reason: 'server_error',
    detail: expect.stringContaining('supply-chain:reed'),
  });
});
