import {
  type Changes,
  change,
  createKeyPair,
  flipBit,
  type KeyPair,
  keyProof,
  type Presentation,
  present,
  readPublished,
  sendSigned,
  sign,
  startResource,
} from '@aauth-stack/by-hand';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asPersonServer, shareWorld } from '../test/world.ts';

const sharedWorld = shareWorld();

interface Agent {
  readonly stableKey: KeyPair;
  readonly key: KeyPair;
}

/** An agent that never heard of this code: its requests are made with jose and httpsig alone. */
const createAgent = async (): Promise<Agent> => ({
  stableKey: await createKeyPair('stable'),
  key: await createKeyPair('ephemeral'),
});

const proofOf = ({ stableKey, key }: Agent, changes: Changes = {}) =>
  sign(change(keyProof(stableKey, key), changes), stableKey);

async function ask(agent: Agent, path: string, options: Presentation & { proof?: string } = {}) {
  const { proof = await proofOf(agent), ...rest } = options;
  return sendSigned(`${sharedWorld().issuer}${path}`, { type: 'jkt_jwt', jwt: proof }, agent.key, rest);
}

const register = (agent: Agent, options: Presentation & { proof?: string } = {}) =>
  ask(agent, '/register', {
    method: 'POST',
    body: JSON.stringify({ agent_name: 'Buyer', ps: sharedWorld().personServer.identifier }),
    components: ['@method', '@authority', '@path', 'signature-key', 'content-type'],
    ...options,
  });

test('an agent made by hand enrols, uses its token and refreshes it under a new key', async () => {
  const world = sharedWorld();
  const agent = await createAgent();
  const registered = await register(agent);
  expect(registered.status).toBe(202);
  const location = registered.headers.get('location') ?? '';
  expect((await ask(agent, location)).status).toBe(202);

  const id = location.split('/').at(-1);
  const approved = await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
  const { agent_id: name } = Object(await approved.json());
  world.clock.advance(2);
  const collected = await ask(agent, location);
  expect(collected.status).toBe(200);
  const { agent_token: token, expires_in: expiresIn, ...rest } = JSON.parse(collected.text);
  expect([expiresIn, rest]).toEqual([3600, {}]);

  const { header, claims } = await readPublished(token);
  expect(header).toEqual({ alg: 'Ed25519', typ: 'aa-agent+jwt', kid: expect.any(String) });
  const expected = {
    iss: world.issuer,
    dwk: 'aauth-agent.json',
    sub: name,
    jti: expect.any(String),
    iat: expect.any(Number),
    exp: Number(claims.iat) + 3600,
    cnf: { jwk: agent.key.publicJwk },
    ps: world.personServer.identifier,
  };
  expect(claims).toEqual(expected);

  const resource = await startResource({ access: 'agent-token' });
  onTestFinished(() => resource.close());
  expect((await present(`${resource.origin}/stock`, token, agent.key)).status).toBe(200);

  const renewed = { ...agent, key: await createKeyPair('next') };
  const refreshed = await ask(renewed, '/refresh', { method: 'POST' });
  expect(refreshed.status).toBe(200);
  const next = await readPublished(JSON.parse(refreshed.text).agent_token);
  expect(next.claims).toEqual({ ...expected, exp: expect.any(Number), cnf: { jwk: renewed.key.publicJwk } });
  expect(next.claims.jti).not.toBe(claims.jti);
});

describe('a proof made by hand', () => {
  const now = Math.floor(Date.now() / 1000);
  const altered: [string, Changes, string][] = [
    ['another typ', { header: { typ: 'jkt-s512+jwt' } }, 'invalid_jwt'],
    ['no typ', { header: { typ: undefined } }, 'invalid_jwt'],
    ['alg none', { header: { alg: 'none' } }, 'invalid_jwt'],
    ['a polymorphic alg', { header: { alg: 'EdDSA' } }, 'unsupported_algorithm'],
    ['no key', { header: { jwk: undefined } }, 'invalid_key'],
    ['the thumbprint of another key', { claims: { iss: `urn:jkt:sha-256:${'A'.repeat(43)}` } }, 'invalid_jwt'],
    ['a thumbprint without its URN', { claims: { iss: 'A'.repeat(43) } }, 'invalid_jwt'],
    ['no cnf', { claims: { cnf: undefined } }, 'invalid_jwt'],
    ['an exp that has passed', { claims: { iat: now - 301, exp: now - 1 } }, 'expired_jwt'],
    ['no exp', { claims: { exp: undefined } }, 'invalid_jwt'],
    ['an iat ahead', { claims: { iat: now + 300, exp: now + 600 } }, 'clock_skew'],
  ];
  test.each(altered)('is refused with %s', async (_, changes, code) => {
    const agent = await createAgent();
    expect((await register(agent)).status).toBe(202);
    expect(await refusalOf(agent, await proofOf(agent, changes))).toEqual({ status: 401, header: code, error: code });
  });

  test.each([
    ['claims', '"jti":"'],
    ['signature', ''],
  ] as const)('is refused with one bit of its %s flipped, after %j', async (part, after) => {
    const agent = await createAgent();
    const proof = await proofOf(agent);
    expect((await register(agent, { proof })).status).toBe(202);
    expect(await refusalOf(agent, flipBit(proof, part, after))).toMatchObject({ status: 401, error: 'invalid_jwt' });
  });

  test('is refused when it vouches for another key, or another key signs it', async () => {
    const [agent, other] = [await createAgent(), await createAgent()];
    expect((await register(agent)).status).toBe(202);
    expect(await refusalOf(agent, await proofOf(other))).toMatchObject({ error: 'invalid_signature' });
    const forged = await sign(keyProof(agent.stableKey, agent.key), other.stableKey);
    expect(await refusalOf(agent, forged)).toMatchObject({ error: 'invalid_jwt' });
  });

  async function refusalOf(agent: Agent, proof: string) {
    const { status, headers, text } = await register(agent, { proof });
    const header = /^error=(\w+)/.exec(headers.get('signature-error') ?? '')?.[1];
    return { status, header, error: JSON.parse(text).error };
  }
});

test('an agent made by hand cannot enrol with a bare key', async () => {
  const agent = await createAgent();
  const { status, headers } = await sendSigned(`${sharedWorld().issuer}/register`, { type: 'hwk' }, agent.key, {
    method: 'POST',
    body: '{"agent_name":"Buyer"}',
    components: ['@method', '@authority', '@path', 'signature-key', 'content-type'],
  });
  expect(status).toBe(401);
  expect(headers.get('signature-error')).toBe('error=unsupported_scheme');
  expect(headers.get('accept-signature-scheme')).toBe('jkt-jwt');
});
