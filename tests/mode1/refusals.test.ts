import { nodeKeys } from '@aauth-stack/aauth/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolAgent, type TestAgent } from '../support/agent.ts';
import { logOf, requestsOf } from '../support/logs.ts';
import {
  a2aMessage,
  type RawRequest,
  type RawResponse,
  send,
  signedMessage,
  statusLineOf,
} from '../support/raw-request.ts';

let agent: TestAgent;

beforeAll(async () => {
  agent = await enrolAgent('Refusal Test Agent');
});

afterAll(() => agent.close());

const credentials = () => agent.session.credentials();
const now = () => Math.floor(Date.now() / 1000);

interface Refusal {
  status: number;
  error: string;
  signatureError?: string;
}

/** Sends the request as it is, sees it accepted; sends another like it, altered, and sees it refused and nothing reached. */
async function acceptedThenRefused(
  alter: (request: RawRequest) => RawRequest | Promise<RawRequest>,
  expected: Refusal,
): Promise<RawResponse> {
  expect((await send(await signedMessage(await credentials()))).status).toBe(200);
  const reached = requestsOf('supply-chain-agent');
  const checks = logOf('resource-proxy').length;

  const refused = await send(await alter(await signedMessage(await credentials())));
  expect({ status: refused.status, body: refused.body }).toMatchObject({ status: expected.status });
  expect(refused.headers['content-type']).toContain('application/problem+json');
  expect(JSON.parse(refused.body)).toMatchObject({ error: expected.error, detail: expect.any(String) });
  expect(refused.headers['signature-error']).toEqual(expected.signatureError);
  expect(requestsOf('supply-chain-agent')).toBe(reached);
  expect(logOf('resource-proxy').length).toBeGreaterThan(checks);
  return refused;
}

const invalidSignature: Refusal = {
  status: 401,
  error: 'invalid_signature',
  signatureError: 'error=invalid_signature',
};

function without(request: RawRequest, ...names: string[]): RawRequest {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !names.includes(name)));
  return { ...request, headers };
}

describe('the proxy before the supply-chain agent refuses', () => {
  it('an unsigned request, and says what it wants', async () => {
    const refused = await acceptedThenRefused(
      (request) => without(request, 'signature', 'signature-input', 'signature-key'),
      invalidSignature,
    );
    expect(refused.headers['aauth-requirement']).toBe('requirement=agent-token');
  });

  it('a signature by another key', async () => {
    const key = await nodeKeys.signingKey(await nodeKeys.generate('Ed25519'));
    await acceptedThenRefused(async () => signedMessage({ ...(await credentials()), key }), invalidSignature);
  });

  it.each([
    ['query', (request: RawRequest) => ({ ...request, path: '/?admin=1' })],
    ['body', (request: RawRequest) => ({ ...request, body: a2aMessage('something else') })],
  ])('a tampered %s', async (_what, alter) => {
    await acceptedThenRefused(alter, invalidSignature);
  });

  it('a request signed for another agent', async () => {
    const host = 'market-analysis-agent.localhost:3000';
    await acceptedThenRefused((request) => ({ ...request, headers: { ...request.headers, host } }), invalidSignature);
  });

  it('a signature that is too old', async () => {
    await acceptedThenRefused(
      async () => signedMessage(await credentials(), { created: now() - 120 }),
      invalidSignature,
    );
  });

  it('a signature from the future', async () => {
    await acceptedThenRefused(async () => signedMessage(await credentials(), { created: now() + 120 }), {
      status: 401,
      error: 'clock_skew',
      signatureError: 'error=clock_skew',
    });
  });

  it('a signature that does not cover the query', async () => {
    const refused = await acceptedThenRefused(async () => signedMessage(await credentials(), { components: [] }), {
      status: 401,
      error: 'invalid_input',
      signatureError: expect.stringMatching(/^error=invalid_input, required_input=\(.*"@query".*\)$/),
    });
    expect(refused.headers['aauth-requirement']).toBe('requirement=agent-token');
  });

  it('a replayed POST', async () => {
    const request = await signedMessage(await credentials());
    expect((await send(request)).status).toBe(200);
    const reached = requestsOf('supply-chain-agent');
    const replayed = await send(request);
    expect(replayed.status).toBe(401);
    expect(replayed.headers['signature-error']).toBe('error=invalid_signature');
    expect(requestsOf('supply-chain-agent')).toBe(reached);
  });

  it('a header of 64 KiB', async () => {
    const request = await signedMessage(await credentials(), { headers: { 'x-filler': 'a'.repeat(65_536) } });
    const reached = requestsOf('supply-chain-agent');
    expect(await statusLineOf(request)).toMatch(/^HTTP\/1.1 431 /);
    expect(requestsOf('supply-chain-agent')).toBe(reached);
  });

  it('a path that no route names', async () => {
    const reached = requestsOf('supply-chain-agent');
    const response = await send(await signedMessage(await credentials(), { path: '/nowhere' }));
    expect(response.status).toBe(404);
    expect(requestsOf('supply-chain-agent')).toBe(reached);
  });
});

describe('the proxy', () => {
  it('W6: tells the agent who is calling, whatever the client says about itself', async () => {
    const spoofed = { 'x-aauth-agent': 'aauth:root@evil.example', 'X-AAUTH-Agent': 'x', x_aauth_agent: 'y' };
    const request = await signedMessage(await credentials(), {
      headers: { 'x-aauth-agent': spoofed['x-aauth-agent'] },
    });
    request.headers = { ...request.headers, x_aauth_agent: spoofed.x_aauth_agent };
    const response = await send(request);
    expect(response.status).toBe(200);
    const { agent: identifier } = await credentials();
    expect(response.body).toContain(identifier);
    expect(response.body).not.toContain('evil.example');
  });

  it('W3: leaves the public card and the metadata open', async () => {
    for (const path of ['/.well-known/agent-card.json', '/.well-known/aauth-resource.json', '/.well-known/jwks.json']) {
      const headers = { host: 'supply-chain-agent.localhost:3000' };
      const response = await send({ method: 'GET', path, headers, port: 3000 });
      expect([path, response.status]).toEqual([path, 200]);
    }
  });
});

describe('a service behind the proxy', () => {
  it.each([9999, 9998])('on port %i refuses a direct call with forged headers', async (port) => {
    const forged = {
      'content-type': 'application/json',
      'x-aauth-agent': 'aauth:root@evil.example',
      'x-aauth-level': 'identified',
      'x-aauth-proxy-secret': 'a'.repeat(43),
    };
    const response = await send({ method: 'POST', path: '/', headers: forged, body: a2aMessage('hello'), port });
    expect([401, 403]).toContain(response.status);
    expect(response.headers['content-type']).toContain('application/problem+json');
  });
});
