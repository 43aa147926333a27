import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CheckClient, checkMessage, createCheckClient } from '../testing/ext-authz-client.ts';
import { proxySecret, startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;
let client: CheckClient;

beforeAll(async () => {
  proxy = await startProxy({
    resources: (text) =>
      text.replace('id: supply-chain-agent\n', '$&    forward_proxy_secret: true\n    strip_signature_headers: true\n'),
  });
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

const context = { aauth_resource_id: 'supply-chain-agent' };

const identified = () => ({
  'x-aauth-level': 'identified',
  'x-aauth-scheme': 'jwt',
  'x-aauth-token-type': 'aa-agent+jwt',
  'x-aauth-jkt': proxy.agent.key.thumbprint,
  'x-aauth-agent': proxy.agent.id,
  'x-aauth-agent-server': proxy.provider.issuer,
  'x-aauth-delegate': proxy.agent.id,
  'x-aauth-proxy-secret': proxySecret,
});

describe('a request that is accepted', () => {
  test('passes with what is known of its sender, in headers and in metadata', async () => {
    const answer = await client.check(checkMessage(await proxy.signed(), { context }));
    expect(answer).toMatchObject({ code: 0, denied: undefined });
    expect(answer.allowed?.headers).toEqual(identified());
    expect(answer.metadata).toEqual({
      level: 'identified',
      scheme: 'jwt',
      token_type: 'aa-agent+jwt',
      key_id: 'ap-1',
      jkt: proxy.agent.key.thumbprint,
      issuer: proxy.provider.issuer,
      agent_server: proxy.provider.issuer,
      agent: proxy.agent.id,
      sub: proxy.agent.id,
    });
    expect(proxy.checks().at(-1)).toMatchObject({ resource_id: 'supply-chain-agent', result: 'allowed', path: '/' });
  });

  test('loses what its sender wrote in our name, in every spelling, and its signature where that is configured', async () => {
    const spellings = ['X-AAuth-Level', 'x_aauth_level', 'X-Aauth_Sub', 'x.aauth.scope', 'x-aauth', 'x-aauth-anything'];
    const headers = Object.fromEntries(spellings.map((name) => [name, 'forged']));
    const { allowed } = await client.check(checkMessage(await proxy.signed({ headers }), { context }));
    expect(allowed?.headers).toEqual(identified());
    expect(allowed?.headersToRemove).toEqual(
      expect.arrayContaining(['x_aauth_level', 'x-aauth_sub', 'x.aauth.scope', 'x-aauth', 'x-aauth-anything']),
    );
    expect(allowed?.headersToRemove).toEqual(expect.arrayContaining(['signature', 'signature-input', 'signature-key']));
    // What a gateway does not show us is removed as well; what is set is not, since Envoy removes last.
    expect(allowed?.headersToRemove).toEqual(
      expect.arrayContaining([
        'x-aauth-scope',
        'x-aauth-token',
        'x-aauth-txn',
        'x-aauth-person-server',
        'x-aauth-body',
      ]),
    );
    for (const name of Object.keys(identified())) expect(allowed?.headersToRemove).not.toContain(name);
  });

  test('loses what a service could take for another method, another path or another field', async () => {
    const misleading = {
      'X-HTTP-Method-Override': 'DELETE',
      x_original_url: '/evil',
      transfer_encoding: 'chunked',
      'Content.Type': 'text/html',
      signature_key: 'evil',
      x_signed: 'no',
      host_: 'evil',
    };
    const headers = { 'x-signed': 'yes', 'x-plain_enough': 'stays' };
    const plain = await client.check(checkMessage(await proxy.signed({ headers }), { context }));
    expect(plain.allowed?.headersToRemove).not.toEqual(expect.arrayContaining(['x-signed']));
    proxy.clock.now += 1;
    const request = await proxy.signed({ headers: { ...headers, ...misleading } });
    const { allowed } = await client.check(checkMessage(request, { context }));
    expect(allowed?.headers).toEqual(identified());
    const removed = Object.keys(misleading).map((name) => name.toLowerCase());
    expect(allowed?.headersToRemove).toEqual(expect.arrayContaining(removed));
    for (const name of ['x-signed', 'x-plain_enough', 'content-type', 'content-length', 'host', ':path', ':method']) {
      expect(allowed?.headersToRemove).not.toContain(name);
    }
    // Also where the gateway does not show them.
    expect(plain.allowed?.headersToRemove).toEqual(
      expect.arrayContaining(['x-http-method-override', 'x-original-url']),
    );
  });
});

test('a request that is refused gets the answer of our own gateway', async () => {
  const unsigned = { ...(await proxy.signed()), headers: { host: proxy.authority } };
  expect(await client.check(checkMessage(unsigned, { context }))).toMatchObject({
    code: 16,
    allowed: undefined,
    metadata: undefined,
    denied: {
      status: 401,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'aauth-requirement': 'requirement=agent-token',
        'signature-error': 'error=invalid_signature',
      },
      text: expect.stringContaining('"error":"invalid_signature"'),
    },
  });
});
