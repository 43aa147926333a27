import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sendSignIn, signIn } from '../../test/browser-session.ts';
import { type Deployment, portalToken, startDeployment } from '../../test/deployment.ts';

let deployment: Deployment;

beforeEach(async () => {
  deployment = await startDeployment({ replicas: 2 });
});
afterEach(() => deployment.stop());

async function guess(times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let attempt = 0; attempt < times; attempt++) {
    deployment.useReplica(attempt % 2);
    const headers = { authorization: `Bearer guess-${attempt}` };
    const response =
      attempt % 3 === 0
        ? await sendSignIn(deployment, `guess-${attempt}`)
        : await deployment.request('/person/bindings', { headers });
    statuses.push(response.status);
  }
  return statuses;
}

describe('the limit on wrong portal tokens', () => {
  test('counts sign-ins and bearer tokens together, over all replicas and restarts', async () => {
    expect(await guess(6)).toEqual(Array(6).fill(403));
    await deployment.restart();
    expect(await guess(6)).toEqual([403, 403, 403, 403, 429, 429]);
  });

  test('refuses the right token too, so that nothing tells a right guess from a wrong one', async () => {
    await guess(10);
    const response = await sendSignIn(deployment, portalToken);
    expect(response.status).toBe(429);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(290);
    expect((await deployment.asPerson('/person/bindings')).status).toBe(429);
  });

  test('leaves browsers that are signed in alone, and ends with its window', async () => {
    const session = await signIn(deployment);
    await guess(11);
    expect((await session.get('/person/bindings')).status).toBe(200);
    deployment.clock.advance(301);
    expect((await deployment.asPerson('/person/bindings')).status).toBe(200);
    expect(await guess(10)).toEqual(Array(10).fill(403));
  });
});
