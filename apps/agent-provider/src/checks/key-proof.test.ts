import { createServerFetch } from '@aauth-stack/aauth/agent';
import { createJktJwt, hwkSignatureKey, jktJwtSignatureKey, jwtSignatureKey } from '@aauth-stack/aauth/signatures';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  newAgent,
  newKey,
  type RequestToSign,
  signRequest,
  type TestAgent,
  type WireRequest,
} from '../../test/agent.ts';
import { expectRefusal } from '../../test/refusal.ts';
import { enrolledAgent, refresh, register, shareWorld, type World } from '../../test/world.ts';

const sharedWorld = shareWorld();

const registration = { method: 'POST', path: '/register', body: { agent_name: 'Backend App' } };
const refreshing = { method: 'POST', path: '/refresh' };

/** A refresh that was just accepted, and a fresh one like it to alter. */
async function acceptedRefresh(world: World): Promise<{ agent: TestAgent; request: WireRequest }> {
  const agent = await enrolledAgent(world);
  expect((await refresh(world, agent)).status).toBe(200);
  world.clock.advance(1);
  return { agent, request: await world.sign(agent, refreshing) };
}

test('W7: a stable key in somebody else’s jkt-jwt is worth nothing without its private half', async () => {
  const world = sharedWorld();
  const { agent: victim } = await acceptedRefresh(world);
  const attacker = await newAgent();
  // The attacker knows the victim's public key and presents it as its own, signing with another.
  const forged = {
    ...attacker.stableKey,
    publicJwk: victim.stableKey.publicJwk,
    thumbprint: victim.stableKey.thumbprint,
  };
  const jwt = await createJktJwt({
    stableKey: forged,
    ephemeralKey: attacker.ephemeralKey.publicJwk,
    now: world.clock.now,
  });
  const signatureKey = jktJwtSignatureKey(jwt);
  for (const request of [registration, refreshing]) {
    await expectRefusal(world, await world.sign(attacker, { ...request, signatureKey }), { code: 'invalid_jwt' });
  }
});

test('W7: a captured jkt-jwt is worth nothing without the ephemeral key it names', async () => {
  const world = sharedWorld();
  const { agent: victim } = await acceptedRefresh(world);
  const captured = await createJktJwt({
    stableKey: victim.stableKey,
    ephemeralKey: victim.ephemeralKey.publicJwk,
    now: world.clock.now,
  });
  const attacker = await newAgent();
  const request = await world.sign(attacker, { ...refreshing, signatureKey: jktJwtSignatureKey(captured) });
  await expectRefusal(world, request, { code: 'invalid_signature' });
});

test('W7: hwk, with the ephemeral or the stable key, is refused and what is accepted is named', async () => {
  const world = sharedWorld();
  const { agent } = await acceptedRefresh(world);
  for (const key of [agent.ephemeralKey, agent.stableKey]) {
    const request = { ...registration, signatureKey: hwkSignatureKey(key.publicJwk), signWith: key };
    await expectRefusal(world, await world.sign(agent, request), {
      code: 'unsupported_scheme',
      headers: { 'accept-signature-scheme': 'jkt-jwt' },
    });
  }
});

test('W7: a stable key in the body is not looked at', async () => {
  const world = sharedWorld();
  const victim = await enrolledAgent(world);
  const attacker = await newAgent();
  const body = { agent_name: 'Backend App', stable_pub: victim.stableKey.publicJwk };
  const response = await register(world, attacker, body);
  expect(response.status).toBe(202);
  expect(await response.text()).not.toContain('agent_token');
});

test('an agent token does not refresh itself', async () => {
  const world = sharedWorld();
  const { agent } = await acceptedRefresh(world);
  world.clock.advance(1);
  const { agent_token: token } = z
    .object({ agent_token: z.string() })
    .parse(await (await refresh(world, agent)).json());
  const signatureKey = jwtSignatureKey(token);
  await expectRefusal(world, await world.sign(agent, { ...refreshing, signatureKey }), { code: 'unsupported_scheme' });
});

test('the stable key does not sign requests itself', async () => {
  const world = sharedWorld();
  const { stableKey } = await newAgent();
  const oneKey = { stableKey, ephemeralKey: stableKey };
  await expectRefusal(world, await world.sign(oneKey, registration), { code: 'invalid_key' });
});

test('a jkt-jwt that has expired, or lives for more than an hour, is refused', async () => {
  const world = sharedWorld();
  const { agent } = await acceptedRefresh(world);
  const sign = async (lifetime: number, ageSeconds: number): Promise<WireRequest> => {
    const now = () => world.clock.now() - ageSeconds;
    const { stableKey, ephemeralKey } = agent;
    const jwt = await createJktJwt({ stableKey, ephemeralKey: ephemeralKey.publicJwk, now, lifetime });
    return world.sign(agent, { ...refreshing, signatureKey: jktJwtSignatureKey(jwt) });
  };
  expect((await world.send(await sign(300, 299))).status).toBe(200);
  await expectRefusal(world, await sign(300, 300), { code: 'expired_jwt' });
  await expectRefusal(world, await sign(3602, 0), { code: 'invalid_jwt' });
});

test.each<[string, string, (request: WireRequest) => void]>([
  [
    'no signature headers',
    'invalid_signature',
    ({ headers }) => {
      for (const name of ['signature', 'signature-input', 'signature-key']) headers.delete(name);
    },
  ],
  [
    'another path',
    'invalid_signature',
    (request) => {
      request.path = '/register';
    },
  ],
  [
    'a query added',
    'invalid_signature',
    ({ headers }) => {
      headers.set('signature-input', headers.get('signature-input')?.replace('"@path"', '"@path" "@query"') ?? '');
    },
  ],
  [
    'a covered component dropped',
    'invalid_input',
    ({ headers }) => {
      headers.set('signature-input', headers.get('signature-input')?.replace(' "@path"', '') ?? '');
    },
  ],
  [
    'a created in the past',
    'invalid_signature',
    ({ headers }) => {
      headers.set(
        'signature-input',
        headers.get('signature-input')?.replace(/created=(\d+)/, (_, at) => `created=${at - 61}`) ?? '',
      );
    },
  ],
  [
    'a created ahead of us',
    'clock_skew',
    ({ headers }) => {
      headers.set(
        'signature-input',
        headers.get('signature-input')?.replace(/created=(\d+)/, (_, at) => `created=${Number(at) + 61}`) ?? '',
      );
    },
  ],
  [
    'an unknown scheme',
    'unsupported_scheme',
    ({ headers }) => {
      headers.set('signature-key', headers.get('signature-key')?.replace('jkt-jwt', 'cached') ?? '');
    },
  ],
  [
    'a repeated label',
    'invalid_signature',
    ({ headers }) => {
      headers.append('signature-key', headers.get('signature-key') ?? '');
    },
  ],
  [
    'a malformed header',
    'invalid_signature',
    ({ headers }) => {
      headers.set('signature-input', 'sig=(((');
    },
  ],
])('bad input at refresh: %s is %s', async (_, code, alter) => {
  const world = sharedWorld();
  const { request } = await acceptedRefresh(world);
  alter(request);
  await expectRefusal(world, request, { code });
});

test('W19: a request signed for another provider is refused, whatever Host says', async () => {
  const world = sharedWorld();
  const { agent } = await acceptedRefresh(world);
  const elsewhere = await signRequest('http://other.localhost:1', agent, world.clock.now, refreshing);
  await expectRefusal(world, elsewhere, { code: 'invalid_signature' });
});

test('a body that is tampered with, not covered, not JSON or too large is refused', async () => {
  const world = sharedWorld();
  const sign = async (extra: Partial<RequestToSign>) => world.sign(await newAgent(), { ...registration, ...extra });
  expect((await world.send(await sign({}))).status).toBe(202);

  const tampered = await sign({});
  tampered.body = tampered.body?.replace('Backend', 'Backdoor');
  await expectRefusal(world, tampered, { code: 'invalid_signature' });
  await expectRefusal(world, await sign({ coverBody: false }), { code: 'invalid_input' });
  await expectRefusal(world, await sign({ body: '{"agent_name":' }), { code: 'invalid_request', status: 400 });
  await expectRefusal(world, await sign({ body: '[]' }), { code: 'invalid_request', status: 400 });
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'agent_name=A' };
  await expectRefusal(world, await sign(form), { code: 'invalid_request', status: 415 });
});

test('a server’s signature does not enrol or refresh: jwks_uri is for the person’s API only', async () => {
  const world = sharedWorld();
  const key = { ...(await newKey()), kid: 'k1' };
  const signedFetch = createServerFetch({
    fetch: world.replica.fetch,
    identifier: world.personServer.identifier,
    dwk: 'aauth-person.json',
    key,
    now: world.clock.now,
  });
  const response = await signedFetch(`${world.issuer}/refresh`, { method: 'POST' });
  expect(response.status).toBe(401);
  expect(response.headers.get('signature-error')).toBe('error=unsupported_scheme');
});
