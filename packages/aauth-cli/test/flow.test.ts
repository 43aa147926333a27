import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Resource, startResource } from '@aauth-stack/by-hand';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, startDeployment } from './support/deployment.ts';
import { createUser, type TestUser } from './support/run.ts';
import { until } from './support/until.ts';

let deployment: Deployment;
let resource: Resource;
const user: TestUser = createUser();

beforeAll(async () => {
  [deployment, resource] = await Promise.all([startDeployment(), startResource({ access: 'auth-token' })]);
});

afterAll(async () => {
  user.remove();
  await resource.close();
  await deployment.stop();
});

const codesIn = (text: string) => [...text.matchAll(/shows the code (\S+)\./g)].map(([, code]) => code);
const jkt = /urn:jkt:sha-256:[\w-]{43}/;

describe('aauth, from nothing to an answer', () => {
  it('init makes a key and waits until the person approves the agent', async () => {
    const init = user.start(['init', '--provider', deployment.provider, '--name', 'Alice in a shell']);
    const [stableJkt] = await until('the key', () => jkt.exec(init.stderr()));
    await until('the wait', () => init.stderr().includes('Waiting for the person to approve "Alice in a shell"'));
    await deployment.decideEnrolment(stableJkt, 'approve');
    const { code, stdout, stderr } = await init.ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/Enrolled as aauth:alice-in-a-shell-\w+@agent-provider\.localhost:\d+/);
    expect(stdout).toContain(deployment.personServer);
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect(mode(user.configFolder)).toBe('700');
    expect(mode(join(user.configFolder, 'profiles', 'default'))).toBe('700');
    expect(mode(join(user.configFolder, 'profiles', 'default', 'stable-key.pem'))).toBe('600');
    expect(mode(join(user.configFolder, 'profiles', 'default', 'profile.json'))).toBe('600');
    expect(mode(join(user.stateFolder, 'default', 'session.json'))).toBe('600');
  });

  it('fetch shows the person where to decide, waits, and prints what the resource answers', async () => {
    const fetch = user.start(['fetch', `${resource.origin}/stock`, '--json', '--explain', '--open']);
    // Once for who the person is at the resource, once for what the resource asks for.
    for (const round of [0, 1]) {
      const code = await until(`link ${round}`, () => codesIn(fetch.stderr())[round]);
      await deployment.decide(code, { approved: true, remember: true });
    }
    const outcome = await fetch.ended;
    expect(outcome).toMatchObject({ code: 0 });
    expect(outcome.json).toMatchObject({ status: 200, body: { aud: resource.issuer, scope: 'stock:read' } });
    expect(fetch.opened).toHaveLength(2);
  });
});
