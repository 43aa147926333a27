import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Resource, startResource } from '@aauth-stack/by-hand';
import { freePort } from '@aauth-stack/service/testing';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Deployment, startDeployment } from './support/deployment.ts';
import { type ProtectedMcpServer, startMcpServer } from './support/mcp-server.ts';
import { createUser, type Running, type TestUser } from './support/run.ts';
import { until } from './support/until.ts';

let deployment: Deployment;
let resource: Resource;
let open: Resource;
let mcp: ProtectedMcpServer;
/** Where nobody listens. */
let nowhere: string;
const user: TestUser = createUser();

beforeAll(async () => {
  nowhere = `127.0.0.1:${await freePort()}`;
  deployment = await startDeployment();
  resource = await startResource({ access: 'auth-token' });
  open = await startResource({ access: 'agent-token' });
  mcp = await startMcpServer(deployment.provider);
});

afterAll(async () => {
  user.remove();
  await Promise.all([mcp, resource, open].map((server) => server.close()));
  await deployment.stop();
});

const jkt = /urn:jkt:sha-256:[\w-]{43}/;
const codesIn = (text: string) => [...text.matchAll(/shows the code (\S+)\./g)].map(([, code]) => code);

async function enrol(words: readonly string[], decision: 'approve' | 'deny' = 'approve') {
  const running = user.start(['init', ...words]);
  await until('the wait', () => running.stderr().includes('Waiting for the person to approve'));
  await deployment.decideEnrolment(jkt.exec(running.stderr())?.[0] ?? '', decision);
  return running.ended;
}

/** Decides on each link that a command shows, as often as it shows one. */
async function decideAll(running: Running, approved: boolean, decidedBefore = 0): Promise<void> {
  let decided = decidedBefore;
  let isOver = false;
  running.ended.then(() => {
    isOver = true;
  });
  await until('the end', async () => {
    const code = codesIn(running.stderr())[decided];
    if (code !== undefined) {
      decided += 1;
      await deployment.decide(code, { approved, remember: true });
    }
    return isOver;
  });
}

describe('aauth init', () => {
  it('makes a key, waits until the person approves the agent, and lets nobody else read what it keeps', async () => {
    const { code, stdout, stderr } = await enrol(['--provider', deployment.provider, '--name', 'Alice in a shell']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/Enrolled as aauth:alice-in-a-shell-\w+@agent-provider\.localhost:\d+/);
    expect(stdout).toContain(deployment.personServer);
    const modes = [
      [user.configFolder],
      [user.configFolder, 'profiles', 'default'],
      [user.stateFolder, 'default'],
      [user.configFolder, 'profiles', 'default', 'stable-key.pem'],
      [user.configFolder, 'profiles', 'default', 'profile.json'],
      [user.stateFolder, 'default', 'session.json'],
    ].map((path) => (statSync(join(...path)).mode & 0o777).toString(8));
    expect(modes).toEqual(['700', '700', '700', '600', '600', '600']);
  });

  it('is the same agent the second time, without asking anybody', async () => {
    const first = await user.run(['whoami', '--json']);
    const again = await user.run(['init', '--json']);
    expect(again).toMatchObject({ code: 0, json: { agent: first.json.agent, person_server: deployment.personServer } });
  });

  it('ends with code 5 when the person denies the agent, and with 8 when it is not to wait', async () => {
    const denied = await enrol(['--profile', 'denied', '--provider', deployment.provider], 'deny');
    expect(denied).toMatchObject({ code: 5, stdout: '' });
    expect(denied.stderr).toMatch(/error: /);
    const words = ['init', '--profile', 'later', '--provider', deployment.provider, '--no-wait', '--json'];
    expect(await user.run(words)).toMatchObject({ code: 8, json: { error: 'person_needed', exit_code: 8 } });
  });

  it('says that a provider cannot be reached, with code 4, and what is wrong with its arguments, with 2', async () => {
    const nobody = ['init', '--profile', 'x', '--provider', `http://${nowhere}`];
    const { code, stderr } = await user.run(nobody);
    expect(code).toBe(4);
    expect(stderr).toMatch(/http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/);
    expect(await user.run(['init', '--profile', 'y'])).toMatchObject({ code: 2 });
    expect(await user.run(['init', '--provider', 'http://agents.example'])).toMatchObject({ code: 2 });
    expect(await user.run(['init', '--provider', 'https://other.example'])).toMatchObject({ code: 2 });
    expect(await user.run(['init', '--profile', '../x', '--provider', deployment.provider])).toMatchObject({ code: 2 });
  });
});

describe('aauth fetch', () => {
  it('shows the person where to decide, waits, and prints what the resource answers', async () => {
    const fetch = user.start(['fetch', `${resource.origin}/stock`, '--json', '--explain', '--open']);
    await decideAll(fetch, true);
    const { code, json, stdout } = await fetch.ended;
    expect(code).toBe(0);
    expect(json).toMatchObject({ status: 200, body: { aud: resource.issuer, scope: 'stock:read' } });
    // Once for who the person is at the resource, once for what the resource asks for.
    expect(fetch.opened).toHaveLength(2);
    const steps: { what: string; response: { status: number } }[] = Array.isArray(json.steps) ? json.steps : [];
    expect(steps.map(({ what, response }) => `${what}: ${response.status}`)).toEqual([
      `Ask the person server for a person token for ${resource.issuer}: 202`,
      expect.stringMatching(/^Ask the person server whether it is decided: 20[02]$/),
      'Call the resource, presenting the person token: 401',
      'Exchange the resource token for an auth token at the person server: 202',
      expect.stringMatching(/^Ask the person server whether it is decided: 20[02]$/),
      'Call the resource, presenting the auth token: 200',
    ]);
    expect(stdout).not.toMatch(/"e[wy][\w-]+\.[\w-]+\.[\w-]{20,}"/);
  });

  it('explains every step in words, and shows no complete token and no signature', async () => {
    const { code, stdout, stderr } = await user.run(['fetch', '--explain', '-v', `${resource.origin}/stock`]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ aud: resource.issuer });
    expect(stderr).toMatch(/Exchange the resource token for an auth token/);
    expect(stderr).toMatch(/< requires: auth-token/);
    expect(stderr).toMatch(/exp: \d+ {2}\(\d{4}-/);
    expect(stderr).toMatch(/^> signature: sig=:…:$/m);
    const { agent_token } = JSON.parse(readFileSync(join(user.stateFolder, 'default', 'session.json'), 'utf8'));
    expect(stderr).not.toContain(agent_token);
    expect(stderr).not.toContain(agent_token.split('.')[2]);
    const whole = await user.run(['fetch', '-v', '--show-secrets', `${open.origin}/`]);
    expect(whole.stderr).toMatch(/^warning: complete tokens and signatures are shown/);
    expect(whole.stderr).toContain(agent_token);
  });

  it('sends what it is told to, as curl would', async () => {
    const data = join(user.home, 'order.json');
    const sent = async (words: readonly string[], stdin = '') => {
      const { code, stdout } = await user.run(['fetch', ...words], { stdin });
      const request = open.received.at(-1);
      return { code, stdout, request, body: Buffer.from(request?.body ?? []).toString() };
    };
    const json = await sent([`${open.origin}/orders`, '-d', '{"item": 1}', '-H', 'X-Order: 7']);
    expect(json).toMatchObject({ code: 0, body: '{"item": 1}', request: { method: 'POST' } });
    expect(json.request?.headers.get('content-type')).toBe('application/json');
    expect(json.request?.headers.get('x-order')).toBe('7');
    const form = await sent([`${open.origin}/orders`, '-X', 'put', '-d', 'a=1', '-d', 'b=2']);
    expect(form).toMatchObject({ body: 'a=1&b=2', request: { method: 'PUT' } });
    expect(form.request?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(await sent([`${open.origin}/orders`, '-d', '@-'], 'line\n')).toMatchObject({ body: 'line\n' });
    expect(await sent([`${open.origin}/orders`, '--data-raw', '@x'])).toMatchObject({ body: '@x' });
    const kept = await sent([`${open.origin}/stock`, '-i', '-o', data]);
    expect(kept.stdout).toMatch(/^HTTP 200 OK\n/);
    expect(JSON.parse(readFileSync(data, 'utf8'))).toMatchObject({ iss: deployment.provider });
    expect(await sent([`${open.origin}/stock`, '-o', '/does/not/exist'])).toMatchObject({ code: 2 });
  });

  it('makes requests alike at one moment without being taken for a replay', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => user.run(['fetch', `${resource.origin}/orders`, '-d', 'a=1'])),
    );
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('ends with code 5 when the person says no, and with 8 when it is not to wait', async () => {
    const other = await startResource({ access: 'auth-token' });
    onTestFinished(other.close);
    const waiting = await user.run(['fetch', '--no-wait', '--json', `${other.origin}/stock`]);
    expect(waiting).toMatchObject({
      code: 8,
      json: { error: 'person_needed', detail: expect.stringMatching(/\/consent\?code=/) },
    });
    const fetch = user.start(['fetch', `${other.origin}/stock`]);
    await decideAll(fetch, false);
    expect(await fetch.ended).toMatchObject({ code: 5, stdout: '', stderr: expect.stringMatching(/error: .*\n/) });
  });

  it('answers the person who asks back, and passes nothing on to the terminal that would steer it', async () => {
    const other = await startResource({ access: 'auth-token' });
    onTestFinished(other.close);
    const words = ['--answer', 'To count.', '--justification', 'Stock-taking'];
    const fetch = user.start(['fetch', `${other.origin}/stock`, ...words]);
    const code = await until('the link', () => codesIn(fetch.stderr())[0]);
    await deployment.ask(code, 'Why, \u001b[2J really?');
    await until('the question', () => fetch.stderr().includes('The person asks: Why, \ufffd[2J really?'));
    await deployment.decide(code, { approved: true, remember: true });
    await decideAll(fetch, true, 1);
    expect(await fetch.ended).toMatchObject({ code: 0 });
  });

  it('says what a server answers with --fail, that it is not there, and that time is over', async () => {
    const broken = await startResource({ access: 'person-token' });
    onTestFinished(broken.close);
    broken.metadata = {};
    const refused = await user.run(['fetch', '--fail', '--max-time', '20', `${mcp.url}`]);
    expect(refused).toMatchObject({ code: 22 });
    const gone = await user.run(['fetch', `http://${nowhere}/`, '--json']);
    expect(gone).toMatchObject({
      code: 4,
      json: { error: 'unreachable', detail: expect.stringMatching(/ECONNREFUSED/) },
    });
    const late = await user.run(['fetch', '--max-time', '0.3', `${broken.origin}/stock`]);
    expect(late.code).toBe(4);
    for (const words of [['ftp://x'], ['https://a:b@example.com/'], ['https://x', '-H', 'nonsense'], []]) {
      expect(await user.run(['fetch', ...words])).toMatchObject({ code: 2 });
    }
  });

  it('is interrupted at once, with code 130', async () => {
    const other = await startResource({ access: 'auth-token' });
    onTestFinished(other.close);
    const fetch = user.start(['fetch', `${other.origin}/stock`]);
    await until('the link', () => codesIn(fetch.stderr())[0]);
    fetch.interrupt();
    expect(await fetch.ended).toMatchObject({ code: 130, stdout: '' });
  });
});

describe('aauth keys and whoami', () => {
  it('show who the agent is, and no secret', async () => {
    const who = await user.run(['whoami', '--json']);
    expect(who).toMatchObject({ code: 0, json: { provider: deployment.provider, agent_name: 'Alice in a shell' } });
    expect(who.json.agent_token).toMatch(/^[\w-]+\.[\w-]+\.…$/);
    const shown = await user.run(['whoami', '--show-token']);
    expect(shown.stderr).toMatch(/^warning: what follows is a complete token/);
    const keys = await user.run(['keys', '--json']);
    expect(keys.json).toMatchObject({ stable: { alg: 'Ed25519' }, ephemeral: { alg: 'Ed25519' } });
    expect(keys.stdout).not.toMatch(/"d"|PRIVATE/);
  });

  it('rotates the ephemeral key, and stays the same agent', async () => {
    const before = await user.run(['whoami', '--json']);
    const rotated = await user.run(['keys', 'rotate', '--json']);
    expect(rotated).toMatchObject({ code: 0, json: { rotated: 'ephemeral', agent: before.json.agent } });
    expect(rotated.json.jkt).not.toContain(rotated.json.replaced);
    expect(await user.run(['fetch', `${open.origin}/`])).toMatchObject({ code: 0 });
  });

  it('rotates the stable key once the person has approved the new one', async () => {
    const before = await user.run(['whoami', '--json']);
    expect(await user.run(['keys', 'rotate', '--stable', '--no-wait'])).toMatchObject({ code: 8 });
    expect(await user.run(['whoami', '--json'])).toMatchObject({ json: { agent: before.json.agent } });
    const rotation = user.start(['keys', 'rotate', '--stable', '--json']);
    await until('the new key', () => jkt.exec(rotation.stderr()));
    await deployment.decideEnrolment(jkt.exec(rotation.stderr())?.[0] ?? '', 'approve');
    const { code, json } = await rotation.ended;
    expect({ code, json }).toMatchObject({ code: 0, json: { rotated: 'stable', replaced: before.json.agent } });
    expect(await user.run(['whoami', '--json'])).toMatchObject({ json: { agent: json.agent } });
    expect(json.agent).not.toBe(before.json.agent);
    expect(statSync(`${json.old_key_file}`).mode & 0o777).toBe(0o600);
  });

  it('refuses files that others may read, with code 3, and says what to do', async () => {
    const file = join(user.configFolder, 'profiles', 'default', 'profile.json');
    chmodSync(file, 0o640);
    const { code, stderr } = await user.run(['whoami']);
    expect(code).toBe(3);
    expect(stderr).toContain('has mode 0640');
    expect(stderr).toContain(`chmod 600 '${file}'`);
    const { code: sick, json } = await user.run(['doctor', '--json', '--resource', open.origin]);
    expect(sick).toBe(6);
    expect(json.checks).toContainEqual(
      expect.objectContaining({ check: 'files', result: 'fail', hint: `Run: chmod 600 '${file}'` }),
    );
    chmodSync(file, 0o600);
  });
});

describe('aauth doctor', () => {
  it('finds a healthy stack healthy, and names what is not there', async () => {
    const words = ['doctor', '--provider', deployment.provider, '--person-server', deployment.personServer];
    const healthy = await user.run([...words, '--resource', open.origin, '--json']);
    expect(healthy).toMatchObject({ code: 0, json: { healthy: true } });
    expect(healthy.json.checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ check: 'agent provider readiness', result: 'pass' }),
        expect.objectContaining({ check: 'person server metadata', result: 'pass' }),
        expect.objectContaining({ check: `${new URL(open.origin).host} signature`, result: 'pass' }),
      ]),
    );
    const sick = await user.run([...words, '--resource', `http://${nowhere}`]);
    expect(sick.code).toBe(6);
    expect(sick.stdout).toMatch(/✗ 127\.0\.0\.1:\d+: .*ECONNREFUSED.*\n {4}→ Nothing listens there/);
    expect(sick.stdout).toContain('1 fault. What to do');
  });

  it('says that clocks disagree', async () => {
    const words = ['doctor', '--provider', deployment.provider, '--json'];
    const { json } = await user.run(words, { now: () => Date.now() / 1000 - 300 });
    expect(json.checks).toContainEqual(expect.objectContaining({ check: 'agent provider clock', result: 'fail' }));
  });
});

describe('aauth mcp-bridge', () => {
  it('lets a host without AAuth use a protected MCP server', async () => {
    mcp.agents.length = 0;
    const { json } = await user.run(['whoami', '--json']);
    const main = join(import.meta.dirname, '..', 'src', 'main.ts');
    const args = [main, 'mcp-bridge', mcp.url];
    const env = { HOME: user.home, PATH: process.env.PATH ?? '' };
    const client = new Client({ name: 'host', version: '1' });
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'ignore' }));
    onTestFinished(() => client.close());
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['count']);
    const result = await client.callTool({ name: 'count', arguments: { item: 'laptop' } });
    expect(result.content).toEqual([{ type: 'text', text: '3 × laptop' }]);
    expect(new Set(mcp.agents)).toEqual(new Set([json.agent]));
  });

  it('answers what it cannot deliver with an error, and ends with the host', async () => {
    const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });
    const { code, stdout } = await user.run(['mcp-bridge', `http://${nowhere}/mcp`], { stdin: `${message}\n` });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      id: 1,
      error: { code: -32000, message: expect.stringMatching(/ECONNREFUSED/) },
    });
  });
});

describe('an agent that the person has revoked', () => {
  it('is told so, with code 5, and has to be let in again', async () => {
    const { json } = await user.run(['whoami', '--json']);
    await deployment.revoke(`${json.agent}`);
    const { code, stderr } = await user.run(['whoami', '--refresh']);
    expect(code).toBe(5);
    expect(stderr).toMatch(/revoked/);
    expect(stderr).toContain('aauth keys rotate --stable');
    expect(await user.run(['fetch', `${open.origin}/`])).toMatchObject({ code: 0 });
    const rotation = user.start(['keys', 'rotate', '--stable', '--json']);
    const [stableJkt] = await until('the new key', () => jkt.exec(rotation.stderr()));
    await deployment.decideEnrolment(stableJkt, 'approve');
    expect(await rotation.ended).toMatchObject({ code: 0 });
    expect(await user.run(['whoami', '--refresh'])).toMatchObject({ code: 0 });
  });
});
