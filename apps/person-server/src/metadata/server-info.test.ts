import { jwkThumbprint, parsePublicJwk } from '@aauth-stack/aauth/keys';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';

const operatorToken = 'operator-token-of-this-test';
let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_OPERATOR_TOKEN: operatorToken } });
});
afterAll(() => deployment.stop());

test('GET /person/server shows the metadata as published, and every key with its state but no private part', async () => {
  const rotated = await deployment.request('/operator/keys/rotate', {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorToken}` },
  });
  expect(rotated.status).toBe(200);
  deployment.useReplica(1);
  const response = await deployment.asPerson('/person/server');
  const text = await response.text();
  const info = JSON.parse(text);
  expect(info.metadata).toEqual(await (await deployment.request('/.well-known/aauth-person.json')).json());
  expect([info.metadata_url, info.jwks_uri]).toEqual([
    `${deployment.origin}/.well-known/aauth-person.json`,
    `${deployment.origin}/.well-known/jwks.json`,
  ]);
  expect(info.keys).toEqual([
    expect.objectContaining({ alg: 'Ed25519', state: 'active', retired_at: null, created_at: expect.any(String) }),
    expect.objectContaining({ alg: 'Ed25519', state: 'retired', retired_at: expect.any(String) }),
  ]);
  for (const { jkt, public_jwk: jwk } of info.keys) expect(jkt).toBe(await jwkThumbprint(parsePublicJwk(jwk)));
  expect(text).not.toContain('"d"');
  expect((await deployment.request('/person/server')).status).toBe(401);
});
