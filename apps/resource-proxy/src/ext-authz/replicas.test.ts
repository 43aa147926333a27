import { createTestDatabase, type TestDatabase } from '@aauth-stack/service/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { checkMessage, createCheckClient } from '../testing/ext-authz-client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let database: TestDatabase;
let proxy: TestProxy;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startProxy({ mode: 'mode3', environment: { DATABASE_URL: database.url } });
});

afterAll(async () => {
  await proxy.close();
  await database.drop();
});

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

const granted = async () => proxy.personServer.grant(proxy.agent, proxy.supplyChain);

/** Another instance, and a gateway that asks it. */
async function replica() {
  const { grpcPort, close } = await proxy.replica();
  const client = createCheckClient(grpcPort);
  return {
    check: (message: object) => client.check(message),
    async [Symbol.asyncDispose]() {
      client.close();
      await close();
    },
  };
}

test('W18: what one replica let pass is refused by another, by one started later, and by our own gateway', async () => {
  const request = await proxy.signed({ token: (await granted()).token });
  {
    await using first = await replica();
    expect(await first.check(checkMessage(request))).toMatchObject({ code: 0 });
  }
  await using restarted = await replica();
  expect(await restarted.check(checkMessage(request))).toMatchObject({
    code: 16,
    denied: { status: 401, headers: { 'signature-error': 'error=invalid_signature' } },
  });
  const reached = proxy.backend.count();
  expect((await send(proxy.port, request)).status).toBe(401);
  expect(proxy.backend.count()).toBe(reached);
});

test('of the same request put to two replicas at once, one passes', async () => {
  await using first = await replica();
  await using second = await replica();
  const message = checkMessage(await proxy.signed({ token: (await granted()).token }));
  const answers = await Promise.all([first, second].map(({ check }) => check(message)));
  expect(answers.map(({ code }) => code).sort()).toEqual([0, 16]);
});

test('a token that is taken back at one replica is refused by all', async () => {
  await using first = await replica();
  await using second = await replica();
  const { token, jti, expiresAt: exp } = await granted();
  expect(await second.check(checkMessage(await proxy.signed({ token })))).toMatchObject({ code: 0 });
  const body = JSON.stringify({ jti, exp });
  const revocation = await proxy.signed({ target: '/resource/revoke', body, ...proxy.personServer.asServer });
  expect((await send(proxy.apiPort, revocation)).status).toBe(200);
  proxy.clock.now += 1;
  const message = checkMessage(await proxy.signed({ token }));
  for (const { check } of [first, second]) {
    expect(await check(message)).toMatchObject({
      denied: { status: 401, headers: { 'signature-error': 'error=revoked_jwt' } },
    });
  }
});

test('without the database no request passes, and nobody is blamed', async () => {
  await using only = await replica();
  const message = checkMessage(await proxy.signed({ token: (await granted()).token }));
  await database.drop();
  const { code, denied } = await only.check(message);
  expect(code).toBe(14);
  expect(denied).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
  expect(denied?.headers).not.toHaveProperty('signature-error');
});
