import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolAgent, type TestAgent } from '../support/agent.ts';
import { authorize, callSupplyChain } from '../support/authorized-agent.ts';
import { requestsOf } from '../support/logs.ts';
import { asPerson } from '../support/person.ts';
import { send, signedMessage } from '../support/raw-request.ts';

let agent: TestAgent;

beforeAll(async () => {
  agent = await enrolAgent('Access Test Agent');
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

    const { fetch, events } = authorize(agent);
    expect((await callSupplyChain(fetch)).status).toBe(200);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['person-token-received', 'challenged', 'exchange-received', 'presented']),
    );
    const presented = events.flatMap((event) => (event.type === 'presented' ? [event.tokenType] : []));
    expect(presented.at(-1)).toBe('aa-auth+jwt');
    expect(requestsOf('supply-chain-agent')).toBe(reached + 1);
  });

  it('is granted the scopes it asks for by default, and says so to the agent', async () => {
    const { fetch, events } = authorize(agent);
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

  it('refuses the auth token of another resource, and one with another key', async () => {
    const { fetch } = authorize(agent);
    expect((await callSupplyChain(fetch)).status).toBe(200);
    const credentials = await agent.session.credentials();
    const reached = requestsOf('market-analysis-agent');
    const response = await send(
      await signedMessage(credentials, { authority: 'market-analysis-agent.localhost:3000' }),
    );
    expect(response.status).toBe(401);
    expect(requestsOf('market-analysis-agent')).toBe(reached);
  });
});

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
