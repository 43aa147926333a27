import { describe, expect, it } from 'vitest';
import { enrolAgent } from '../support/agent.ts';
import { asPerson } from '../support/person.ts';
import { send, signedMessage } from '../support/raw-request.ts';

interface Binding {
  agent_id: string;
  agent_name: string;
  revoked: boolean;
}

describe('an agent that the person revokes', () => {
  it('gets no further agent token, and is told why', async () => {
    const agent = await enrolAgent('Short-lived Agent');
    const credentials = await agent.session.credentials();
    expect((await send(await signedMessage(credentials))).status).toBe(200);

    await asPerson(`/person/bindings/${encodeURIComponent(credentials.agent)}/revoke`, { method: 'POST' });
    const bindings = await asPerson<Binding[]>('/person/bindings');
    expect(bindings.find(({ agent_id }) => agent_id === credentials.agent)).toMatchObject({ revoked: true });

    const refused = { token: credentials.token, code: 'revoked_jwt' } as const;
    await expect(agent.session.credentials({ refused })).rejects.toMatchObject({ code: 'revoked' });
    await agent.close();
  });

  it('leaves the others alone', async () => {
    const bindings = await asPerson<Binding[]>('/person/bindings');
    const active = bindings.filter(({ revoked }) => !revoked).map(({ agent_name }) => agent_name);
    expect(active).toEqual(
      expect.arrayContaining(['Backend App', 'Supply Chain Optimizer Agent', 'Market Analysis Agent']),
    );
  });
});

describe('a revoked agent in mode1', () => {
  it('fails with its very next call to a resource, though its agent token has not expired', async () => {
    const agent = await enrolAgent('Revoked Agent');
    const credentials = await agent.session.credentials();
    expect((await send(await signedMessage(credentials))).status).toBe(200);
    await asPerson(`/person/bindings/${encodeURIComponent(credentials.agent)}/revoke`, { method: 'POST' });
    const refused = await send(await signedMessage(credentials));
    expect(refused.status).toBe(401);
    expect(refused.headers['signature-error']).toBe('error=revoked_jwt');
    await agent.close();
  });
});
