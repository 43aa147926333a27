import type { SigningKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolAgent, type TestAgent } from '../support/agent.ts';
import { type AuthorizedAgent, authorize, callSupplyChain } from '../support/authorized-agent.ts';
import { requestsOf } from '../support/logs.ts';
import { asPerson } from '../support/person.ts';
import { send, signedMessage } from '../support/raw-request.ts';
import { until } from '../support/until.ts';

let agent: TestAgent;
let authorized: AuthorizedAgent;

beforeAll(async () => {
  agent = await enrolAgent('Access Test Agent');
  authorized = authorize(agent);
});

afterAll(() => agent.close());

describe('the supply-chain agent in mode3', () => {
  it('asks an agent token for a person token, and is reached only with an auth token', async () => {
    const reached = requestsOf('supply-chain-agent');
    const response = await send(await signedMessage(await agent.session.credentials()));
    expect(response.status).toBe(401);
    expect(response.headers['aauth-requirement']).toBe('requirement=person-token');
    expect(response.headers['signature-error']).toBeUndefined();
    expect(requestsOf('supply-chain-agent')).toBe(reached);

    const { fetch, events } = authorized;
    expect((await callSupplyChain(fetch)).status).toBe(200);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['person-token-received', 'challenged', 'exchange-received', 'presented']),
    );
    const presented = events.flatMap((event) => (event.type === 'presented' ? [event.tokenType] : []));
    expect(presented.at(-1)).toBe('aa-auth+jwt');
    expect(requestsOf('supply-chain-agent')).toBe(reached + 1);
  });

  it('is granted the scopes it asks for by default, and says so to the agent', async () => {
    const { fetch, events } = authorized;
    await callSupplyChain(fetch);
    const granted = events.flatMap((event) => (event.type === 'exchange-received' ? [event.scope] : []));
    expect(granted).toEqual([['supply-chain:check', 'supply-chain:read']]);
    const challenge = events.find((event) => event.type === 'challenged');
    expect(challenge?.type === 'challenged' && challenge.resourceToken).toMatchObject({
      iss: 'http://supply-chain-agent.localhost:3000',
      aud: 'http://person-server.localhost:8765',
      ps: 'http://person-server.localhost:8765',
      scope: 'supply-chain:check supply-chain:read',
      sub: expect.any(String),
      presented_jti: expect.any(String),
    });
    expect(challenge?.type === 'challenged' && challenge.resourceToken).not.toHaveProperty('agent');
  });

  it('refuses the auth token of another resource, and of another key, and reaches nothing', async () => {
    const { token, key } = await authTokenOf(agent);
    const here = await send(await signedMessage({ token, key }));
    expect(here.status).toBe(200);

    const reached = requestsOf('market-analysis-agent');
    const elsewhere = await send(
      await signedMessage({ token, key }, { authority: 'market-analysis-agent.localhost:3000' }),
    );
    expect([elsewhere.status, elsewhere.headers['signature-error']]).toEqual([401, 'error=invalid_jwt']);
    expect(requestsOf('market-analysis-agent')).toBe(reached);

    const otherKey = await nodeKeys.signingKey(await nodeKeys.generate('Ed25519'));
    const stolen = await send(await signedMessage({ token, key: otherKey }));
    expect([stolen.status, stolen.headers['signature-error']]).toEqual([401, 'error=invalid_signature']);
  });
});

/** An auth token for the supply-chain agent, as it went over the wire, and the key it binds. */
async function authTokenOf(testAgent: TestAgent): Promise<{ token: string; key: SigningKey }> {
  const seen: string[] = [];
  const watched: TestAgent = {
    ...testAgent,
    fetch: Object.assign(
      (input: Parameters<typeof testAgent.fetch>[0], init?: RequestInit) => {
        const signatureKey = new Headers(init?.headers).get('signature-key') ?? '';
        const presented = /jwt="([^"]+)"/.exec(signatureKey)?.[1];
        if (presented) seen.push(presented);
        return testAgent.fetch(input, init);
      },
      { close: testAgent.fetch.close },
    ),
  };
  // Another moment than that of the agent's other requests, or the Person Server takes this one for a repetition.
  await until('the next second', () => Date.now() % 1000 < 100);
  expect((await callSupplyChain(authorize(watched).fetch)).status).toBe(200);
  const token = seen.at(-1);
  if (!token) throw new Error('No request of the agent was seen.');
  return { token, key: (await testAgent.session.credentials()).key };
}

describe('an agent that the person revokes', () => {
  it('fails with its very next call, though its tokens have not expired', async () => {
    const shortLived = await enrolAgent('Revoked Agent');
    const { fetch } = authorize(shortLived);
    expect((await callSupplyChain(fetch)).status).toBe(200);
    expect((await callSupplyChain(fetch)).status).toBe(200);

    const { agent: identifier } = await shortLived.session.credentials();
    const reached = requestsOf('supply-chain-agent');
    await asPerson(`/person/bindings/${encodeURIComponent(identifier)}/revoke`, { method: 'POST' });
    const outcome = await callSupplyChain(fetch).then(
      (response) => response.status,
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
    expect([401, 'revoked', 'revoked_jwt']).toContain(outcome);
    expect(requestsOf('supply-chain-agent')).toBe(reached);
    await shortLived.close();
  });
});
