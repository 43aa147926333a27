import { request as httpRequest } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { createKey } from '../../test/support/keys.ts';
import { startProtectedServer } from '../../test/support/protected-server.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import type { KeyBackend, SigningKey } from '../keys/types.ts';
import { nodeKeys } from '../node/keys.ts';
import {
  hwkSignatureKey,
  jwksUriSignatureKey,
  jwtSignatureKey,
  messageFromRequest,
  type SignatureKeyValue,
  signMessage,
} from '../signatures/index.ts';
import type { ResourceOptions } from './options.ts';
import { createResource } from './resource.ts';

const identifiers = { allowLoopback: false };
const identifier = parseServerIdentifier('https://inventory.example', identifiers);

async function setUp(options: Partial<ResourceOptions> = {}) {
  const parties = await createTestParties();
  const { discovery, clock, agentKey, token } = parties;
  const resource = createResource({ discovery, identifiers, identifier, keys: nodeKeys, now: clock.now, ...options });
  async function request(init: RequestInit = {}, key: SigningKey = agentKey, signatureKey?: SignatureKeyValue) {
    const unsigned = new Request('https://inventory.example/stock?item=1', init);
    const body = init.body == null ? undefined : new Uint8Array(await unsigned.clone().arrayBuffer());
    const signature = await signMessage(messageFromRequest(unsigned), {
      key,
      signatureKey: signatureKey ?? jwtSignatureKey(await token()),
      body,
      created: clock.now(),
    });
    const signed = new Request(unsigned);
    for (const [name, value] of Object.entries(signature)) signed.headers.set(name, value);
    return signed;
  }
  return { ...parties, resource, request };
}

describe('a verified request', () => {
  it('of an agent names the agent and its provider', async () => {
    const { resource, request, agent, issuer, agentKey } = await setUp();
    const verdict = await resource.verifyRequest(await request());
    expect(verdict).toMatchObject({
      ok: true,
      principal: {
        level: 'identified',
        scheme: 'jwt',
        agent,
        agentProvider: issuer,
        jkt: agentKey.thumbprint,
        token: { type: 'aa-agent+jwt' },
      },
      signature: { label: 'sig', components: ['@method', '@authority', '@path', 'signature-key'] },
    });
  });

  it('of a server names the server and its role, and only servers that are accepted come in', async () => {
    const ps = parseServerIdentifier('https://ps.example', identifiers);
    const schemes = ['jwks_uri'] as const;
    const { resource, request, web } = await setUp({ schemes, servers: [{ issuer: ps, dwk: 'aauth-person.json' }] });
    const key = await createKey('ps-1');
    web.publishIssuer(ps, 'aauth-person.json', [key.publicJwk]);
    const by = (id: string) => request({}, key, jwksUriSignatureKey({ id, dwk: 'aauth-person.json', kid: 'ps-1' }));
    expect(await resource.verifyRequest(await by(ps))).toMatchObject({
      ok: true,
      principal: { level: 'identified', scheme: 'jwks_uri', server: ps, dwk: 'aauth-person.json' },
    });
    expect(await resource.verifyRequest(await by('https://other.example'))).toMatchObject({
      ok: false,
      error: { code: 'invalid_key' },
    });
  });

  it('of a bare key is pseudonymous, where that is accepted', async () => {
    const { resource, request, agentKey } = await setUp({ schemes: ['jwt', 'hwk'] });
    const verdict = await resource.verifyRequest(await request({}, agentKey, hwkSignatureKey(agentKey.publicJwk)));
    expect(verdict).toMatchObject({ ok: true, principal: { level: 'pseudonymous', jkt: agentKey.thumbprint } });
  });

  it('costs one signature verification once its token is known', async () => {
    const verified: string[] = [];
    const counting: KeyBackend = {
      ...nodeKeys,
      async verificationKey(jwk) {
        const key = await nodeKeys.verificationKey(jwk);
        const verify = (signature: Uint8Array, data: Uint8Array) => {
          verified.push(jwk.kid ?? 'agent');
          return key.verify(signature, data);
        };
        return { ...key, verify };
      },
    };
    const { resource, request, token, clock } = await setUp({ keys: counting });
    const signatureKey = jwtSignatureKey(await token());
    const send = async () => resource.verifyRequest(await request({}, undefined, signatureKey));
    expect((await send()).ok).toBe(true);
    verified.length = 0;
    for (let repeat = 0; repeat < 5; repeat++) {
      clock.advance(1);
      expect((await send()).ok).toBe(true);
    }
    expect(verified).toEqual(['agent', 'agent', 'agent', 'agent', 'agent']);
  });

  it('is signed for the authority that is configured, whatever Host it came with', async () => {
    const { resource, request } = await setUp();
    const signed = await request();
    const behindProxy = new Request('http://127.0.0.1:9000/stock?item=1', signed);
    expect((await resource.verifyRequest(behindProxy)).ok).toBe(true);
    const renamed = await setUp({ authority: 'Stock.example:8443' });
    expect(await renamed.resource.verifyRequest(await renamed.request())).toMatchObject({ ok: false });
    const known = await setUp({ authority: ['stock.example', 'inventory.example'] });
    expect(await known.resource.verifyRequest(await known.request())).toMatchObject({ ok: true });
    const elsewhere = new Request('https://evil.example/stock?item=1', await known.request());
    expect(await known.resource.verifyRequest(elsewhere)).toMatchObject({ ok: false });
    await expect(setUp({ authority: [] })).rejects.toThrow(TypeError);
    const behind = await setUp({ authority: ['inventory.example', 'stock.example'] });
    const anywhere = new Request('http://127.0.0.1:9000/stock?item=1', await behind.request());
    expect(await behind.resource.verifyRequest(anywhere)).toMatchObject({ ok: true });
  });
});

describe('the body of a Fetch request', () => {
  const order = { method: 'POST', body: '{"item":1}', headers: { 'content-type': 'application/json' } };

  it('can still be read after it was compared with its digest', async () => {
    const { resource, request } = await setUp({ requireBodyCoverage: true });
    const signed = await request(order);
    expect(await resource.verifyRequest(signed)).toMatchObject({ ok: true, signature: { bodyVerified: true } });
    expect(await signed.json()).toEqual({ item: 1 });
  });

  it('is refused when it is another one', async () => {
    const { resource, request } = await setUp();
    const tampered = new Request(await request(order), { body: '{"item":2}' });
    expect(await resource.verifyRequest(tampered)).toMatchObject({ ok: false, error: { code: 'invalid_signature' } });
  });

  it('is refused with 413 and without signature headers when it is too large to compare', async () => {
    const { resource, request } = await setUp({ maxBodyBytes: 10 });
    expect(await resource.verifyRequest(await request(order))).toMatchObject({ ok: true });
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(6)) });
    const streamed = new Request(await request(order), { body: endless, duplex: 'half' });
    expect(await resource.verifyRequest(streamed)).toMatchObject({ ok: false, response: { status: 413 } });
    const verdict = await resource.verifyRequest(await request({ ...order, body: '{"item":10}' }));
    expect(verdict).toMatchObject({ ok: false, response: { status: 413 } });
    expect(verdict).not.toHaveProperty('response.headers.signature-error');
    expect(verdict).not.toHaveProperty('response.headers.aauth-requirement');
  });

  it('that is not covered is left alone, and missed where it must be covered', async () => {
    const uncovered = async (options: Partial<ResourceOptions>) => {
      const { resource, request } = await setUp({ maxBodyBytes: 10, ...options });
      return resource.verifyRequest(new Request(await request({ method: 'POST' }), { body: 'x'.repeat(1000) }));
    };
    expect(await uncovered({})).toMatchObject({ ok: true, signature: { hasBody: true, bodyVerified: false } });
    expect(await uncovered({ requireBodyCoverage: true })).toMatchObject({
      ok: false,
      error: { code: 'invalid_input' },
    });
  });

  it('that turns out to be empty counts as none', async () => {
    const { resource, request } = await setUp({ requireBodyCoverage: true });
    const body = new ReadableStream({ start: (controller) => controller.close() });
    const empty = new Request(await request({ method: 'POST' }), { body, duplex: 'half' });
    expect(await resource.verifyRequest(empty)).toMatchObject({ ok: true, signature: { hasBody: false } });
  });
});

it('takes a Fetch body that breaks off for a bad request', async () => {
  const { resource, request } = await setUp();
  const signed = await request({ method: 'POST', body: 'whole' });
  const broken = new ReadableStream({
    pull(controller) {
      controller.error(new TypeError('terminated'));
    },
  });
  const verdict = await resource.verifyRequest(new Request(signed, { body: broken, duplex: 'half' }));
  expect(verdict).toMatchObject({ ok: false, error: { code: 'invalid_request' }, response: { status: 400 } });
});

describe('a resource', () => {
  it('asks for what it requires in every 401, and for nothing where it is told so', async () => {
    const header = async (options: Partial<ResourceOptions>) => {
      const { resource } = await setUp(options);
      const verdict = await resource.verifyRequest(new Request(identifier));
      return verdict.ok ? undefined : verdict.response.headers['aauth-requirement'];
    };
    expect(await header({})).toBe('requirement=agent-token');
    expect(await header({ requirement: 'person-token' })).toBe('requirement=person-token');
    expect(await header({ requirement: false })).toBeUndefined();
    expect(await header({ schemes: ['jwks_uri'] })).toBeUndefined();
  });

  it('accepts repeats where the check is turned off, and shares its memory where it is given one', async () => {
    const order = { method: 'POST' };
    const lenient = await setUp({ replay: false });
    const repeated = await lenient.request(order);
    expect((await lenient.resource.verifyRequest(repeated)).ok).toBe(true);
    expect((await lenient.resource.verifyRequest(repeated)).ok).toBe(true);

    const claimed = new Set<string>();
    const replay = { claim: async (id: string) => !claimed.has(id) && claimed.add(id) !== undefined };
    const first = await setUp({ replay });
    const { discovery, clock } = first;
    const second = createResource({ discovery, identifiers, identifier, keys: nodeKeys, now: clock.now, replay });
    const signed = await first.request(order);
    expect((await first.resource.verifyRequest(signed)).ok).toBe(true);
    expect(await second.verifyRequest(signed)).toMatchObject({ ok: false, error: { code: 'invalid_signature' } });
  });

  it('leaves a body that passes through to the caller, who is told its digest', async () => {
    const { resource, request } = await setUp();
    const signed = await request({ method: 'POST', body: 'streamed' });
    const verdict = await resource.verify(messageFromRequest(signed), 'deferred');
    expect(verdict).toMatchObject({ ok: true, signature: { bodyVerified: false } });
    const digest = new Uint8Array(await nodeKeys.sha256(new TextEncoder().encode('streamed')));
    expect(verdict).toHaveProperty('signature.contentDigest', digest);
  });

  it('tells the observer of every verdict', async () => {
    const observe = vi.fn();
    const { resource, request } = await setUp({ observe });
    const accepted = await resource.verifyRequest(await request());
    const refused = await resource.verifyRequest(new Request(identifier));
    expect(observe.mock.calls).toEqual([[accepted], [refused]]);
  });

  it('throws what is nobody’s refusal', async () => {
    const { resource, request } = await setUp({
      revoked: () => {
        throw new RangeError('the database is gone');
      },
    });
    await expect(request().then(resource.verifyRequest)).rejects.toThrow(RangeError);
  });

  it('refuses to start with a pin that is no acceptable URL', async () => {
    const { discovery, issuer } = await createTestParties();
    const pinned = (jwksUri: string) => () =>
      createResource({ discovery, identifiers, agentProviders: [{ issuer, jwksUri }] });
    expect(pinned('https://keys.example/jwks')).not.toThrow();
    expect(pinned('http://keys.example/jwks')).toThrow('https');
  });
});

describe('node:http', () => {
  it('gets a verdict on a body that is too large, on a connection that still works', async () => {
    const parties = await startProtectedServer();
    const small = { method: 'POST', target: '/orders?dry=1', body: 'x'.repeat(1024 * 1024) };
    expect(await parties.send(small, await parties.sign(small))).toMatchObject({ status: 200 });
    const large = { ...small, body: `${small.body}x` };
    expect(await parties.send(large, await parties.sign(large))).toMatchObject({ status: 413 });
    expect(parties.reached).toHaveLength(1);
  });

  it('survives a sender that breaks off in the middle of a body', async () => {
    const parties = await startProtectedServer();
    const order = { method: 'POST', target: '/orders?dry=1', body: '{"item":1}' };
    const headers = { ...(await parties.sign(order)), 'content-length': '1000' };
    const sent = httpRequest({ host: '127.0.0.1', port: parties.port, method: 'POST', path: order.target, headers });
    sent.on('error', () => undefined).write(order.body);
    await expect.poll(() => parties.connections()).toBe(1);
    sent.destroy();
    await expect.poll(() => parties.connections()).toBe(0);
    expect(await parties.send(order, await parties.sign(order))).toMatchObject({ status: 200 });
    expect(parties.reached).toHaveLength(1);
  });
});
