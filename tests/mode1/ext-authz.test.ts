import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolAgent, type TestAgent } from '../support/agent.ts';
import { checkAtAnotherGateway } from '../support/ext-authz.ts';
import { send, signedMessage } from '../support/raw-request.ts';

let agent: TestAgent;

beforeAll(async () => {
  agent = await enrolAgent('Another Gateway Test Agent');
});

afterAll(() => agent.close());

const context = { aauth_resource_id: 'supply-chain-agent' };
const header = (key: string, value: unknown) => expect.objectContaining({ header: { key, value } });

describe('a gateway of somebody else that asks the proxy (ext_authz, port 7070)', () => {
  it('is told who is calling, and what the proxy let pass there it does not let pass a second time', async () => {
    const credentials = await agent.session.credentials();
    const request = await signedMessage(credentials);
    const answer = await checkAtAnotherGateway(request, context);
    expect(answer).toMatchObject({
      ok_response: {
        headers: expect.arrayContaining([
          header('x-aauth-level', 'identified'),
          header('x-aauth-agent', credentials.agent),
          header('x-aauth-agent-server', 'http://agent-provider.localhost:8766'),
        ]),
      },
      dynamic_metadata: { fields: { sub: { stringValue: credentials.agent } } },
    });
    // Through the other port, since both share what they have seen.
    expect(await send(request)).toMatchObject({
      status: 401,
      headers: { 'signature-error': 'error=invalid_signature' },
    });
  });

  it('is told what to answer to a request that is not signed', async () => {
    const { signature, ...headers } = (await signedMessage(await agent.session.credentials())).headers;
    const unsigned = { method: 'POST', path: '/', headers, port: 3000 };
    expect(await checkAtAnotherGateway(unsigned, context)).toMatchObject({
      status: { code: 16 },
      denied_response: {
        status: { code: 401 },
        headers: expect.arrayContaining([
          header('aauth-requirement', 'requirement=agent-token'),
          header('signature-error', expect.stringMatching(/^error=/)),
        ]),
      },
    });
  });

  it('finds both decisions in the metrics', async () => {
    const { body } = await send({ method: 'GET', path: '/metrics', headers: { host: 'localhost' }, port: 8081 });
    expect(body).toMatch(/^aauth_check_total\{resource="supply-chain-agent",level="identified",result="allow"\} \d+$/m);
    expect(body).toMatch(/^aauth_check_total\{resource="supply-chain-agent",level="none",result="challenged"\} \d+$/m);
  });
});
