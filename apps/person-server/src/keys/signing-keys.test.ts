import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { signingKeys } from '../db/schema.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 3 });
});
afterAll(() => deployment.stop());

test('replicas that start at once on an empty database make one key, which a restart keeps', async () => {
  const before = await deployment.db.select().from(signingKeys);
  expect(before).toHaveLength(1);
  await deployment.restart();
  expect(await deployment.db.select().from(signingKeys)).toEqual(before);
});

test('the key set has public keys only, named after server and month, and may be kept for five minutes', async () => {
  for (const replica of [0, 1, 2]) {
    deployment.useReplica(replica);
    const response = await deployment.request('/.well-known/jwks.json');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await response.json()).toEqual({
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          alg: 'Ed25519',
          use: 'sig',
          x: expect.stringMatching(/^[\w-]{43}$/),
          kid: expect.stringMatching(/^ps-\d{6}-[0-9a-f]{8}$/),
        },
      ],
    });
  }
});

test('the private key is in no log line', async () => {
  const [row] = await deployment.db.select().from(signingKeys);
  expect(row?.privateJwk?.d).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(deployment.log.lines())).not.toContain(row?.privateJwk?.d);
});
