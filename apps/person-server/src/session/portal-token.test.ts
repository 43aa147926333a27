import { afterEach, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { hashPortalToken, isWeakPortalToken, matchesPortalToken } from './portal-token.ts';

let deployment: Deployment | undefined;
afterEach(async () => {
  await deployment?.stop();
  deployment = undefined;
});

test('tells what can be guessed from what cannot', () => {
  expect(isWeakPortalToken('mytoken')).toBe(true);
  expect(isWeakPortalToken('a'.repeat(64))).toBe(true);
  expect(isWeakPortalToken('abababababababababababababababababab')).toBe(true);
  expect(isWeakPortalToken('correct-horse-battery-staple')).toBe(true);
  expect(isWeakPortalToken('Zm9vYmFyLXRoaXMtaXMtcmFuZG9tLTEyMw')).toBe(false);
});

test('is recognised by its hash alone', () => {
  const token = { hash: hashPortalToken('secret') };
  expect(matchesPortalToken(token, 'secret')).toBe(true);
  expect(matchesPortalToken(token, 'secret ')).toBe(false);
  expect(matchesPortalToken(token, '')).toBe(false);
});

describe('where none is configured', () => {
  test('one is made at random and shown once, whatever restarts and replicas there are', async () => {
    deployment = await startDeployment({ replicas: 2, environment: { AAUTH_PORTAL_TOKEN: '' } });
    const [line, ...more] = deployment.announced;
    expect(more).toEqual([]);
    const token = /^The portal token, shown this once: ([\w-]{43})$/.exec(line ?? '')?.[1];
    const headers = { authorization: `Bearer ${token}` };
    await deployment.restart();
    for (const replica of [0, 1]) {
      deployment.useReplica(replica);
      expect((await deployment.request('/person/bindings', { headers })).status).toBe(200);
    }
    expect(deployment.announced).toHaveLength(1);
    expect(JSON.stringify(deployment.log.lines())).not.toContain(token);
  });

  test('W19: an unset token opens nothing', async () => {
    deployment = await startDeployment({ environment: { AAUTH_PORTAL_TOKEN: '' } });
    for (const authorization of ['Bearer ', 'Bearer undefined', 'Bearer null', 'Bearer mytoken']) {
      const response = await deployment.request('/person/registrations', { headers: { authorization } });
      expect([401, 403]).toContain(response.status);
    }
  });
});

test('W15: a weak token such as mytoken is taken on loopback, with a warning', async () => {
  deployment = await startDeployment();
  const warnings = deployment.log.lines().filter(({ level }) => level === 'warn');
  expect(warnings.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('AAUTH_PORTAL_TOKEN is easy to guess'));
});
