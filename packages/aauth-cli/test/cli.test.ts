import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createUser } from './support/run.ts';

const user = createUser();
afterAll(() => user.remove());

const commands = [
  'init',
  'fetch',
  'sign',
  'verify',
  'inspect',
  'metadata',
  'doctor',
  'mcp-bridge',
  'whoami',
  'keys',
  'profiles',
];

describe('aauth', () => {
  it('lists its commands, and says what exit codes mean', async () => {
    const { code, stdout } = await user.run(['--help']);
    expect(code).toBe(0);
    for (const name of commands) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(stdout).toMatch(/^ {2}5 +the person or a server said no/m);
    expect(await user.run([])).toMatchObject({ code: 2, stdout: '' });
    expect((await user.run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each(commands)('%s has help with usage, options, examples and exit codes', async (name) => {
    const { code, stdout, stderr } = await user.run([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const title of ['Usage', 'Options of every command', 'Examples', 'Exit codes'])
      expect(stdout).toContain(`${title}:`);
    expect(await user.run(['help', name])).toMatchObject({ stdout });
    expect(await user.run([name, '-h'])).toMatchObject({ stdout });
  });

  it('says what it does not know, and what is near', async () => {
    expect(await user.run(['inspekt'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean "init"?'),
    });
    const option = await user.run(['whoami', '--bogus']);
    expect(option).toMatchObject({ code: 2, stderr: expect.stringContaining('Run "aauth whoami --help"') });
    const missing = await user.run(['fetch']);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('aauth fetch misses an argument') });
    expect(await user.run(['metadata', 'a', 'b'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('does not take "b"'),
    });
  });

  it('puts failures on standard output as one document with --json', async () => {
    for (const words of [
      ['whoami'],
      ['fetch', 'https://x.example'],
      ['keys', 'rotate'],
      ['mcp-bridge', 'https://x.example'],
    ]) {
      const { code, json, stderr } = await user.run([...words, '--json']);
      expect({ code, json, stderr }).toEqual({
        code: 3,
        stderr: '',
        json: {
          error: 'configuration',
          detail: `There is no profile "default" in ${user.configFolder}.`,
          hint: expect.stringContaining('aauth init'),
          exit_code: 3,
        },
      });
    }
    expect(await user.run(['fetch', '--json', '--bogus'])).toMatchObject({
      code: 2,
      json: { error: 'usage', exit_code: 2 },
    });
  });

  it('has colours on a terminal, and nowhere else', async () => {
    const escaping = String.fromCharCode(27);
    const shown = async (env: Record<string, string>, words: readonly string[] = [], terminal = true) =>
      (await user.run(['--help', ...words], { env, terminal })).stdout.includes(escaping);
    expect(await shown({})).toBe(true);
    expect(await shown({}, [], false)).toBe(false);
    expect(await shown({ NO_COLOR: '1' })).toBe(false);
    expect(await shown({ TERM: 'dumb' })).toBe(false);
    expect(await shown({}, ['--no-color'])).toBe(false);
    expect((await user.run(['whoami'], { terminal: true })).stderr).toContain(`${escaping}[31merror:`);
    expect((await user.run(['whoami', '--json'], { terminal: true })).stdout).not.toContain(escaping);
  });
});

describe('profiles', () => {
  const profile = {
    version: 1,
    provider: 'https://agents.example',
    agent_name: 'CI',
    person_server: null,
    callback: null,
    agent: null,
  };
  const folder = (name: string) => join(user.configFolder, 'profiles', name);

  function write(name: string, text = JSON.stringify(profile)): void {
    mkdirSync(folder(name), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder(name), 'profile.json'), text, { mode: 0o600 });
  }

  it('are listed, chosen and removed', async () => {
    expect(await user.run(['profiles', '--json'])).toMatchObject({ code: 0, json: [] });
    write('ci');
    write('home');
    expect((await user.run(['profiles', 'use', 'ci'])).code).toBe(0);
    const { json } = await user.run(['profiles', '--json']);
    expect(json).toMatchObject([
      { profile: 'ci', in_use: true },
      { profile: 'home', in_use: false },
    ]);
    expect((await user.run(['profiles'], { env: { AAUTH_PROFILE: 'home' } })).stdout).toMatch(/^\* home/m);
    expect(await user.run(['profiles', 'use', 'none'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('There are: ci, home'),
    });
    expect(await user.run(['profiles', 'eat', 'ci'])).toMatchObject({ code: 2 });
    expect((await user.run(['profiles', 'remove', 'home'])).code).toBe(0);
    expect(readdirSync(join(user.configFolder, 'profiles'))).toEqual(['ci']);
  });

  it.each([
    ['no JSON', 'not json', /is damaged/],
    ['another version', JSON.stringify({ ...profile, version: 2 }), /damaged at "version"/],
    ['a provider that is none', JSON.stringify({ ...profile, provider: 'http://a.example' }), /must use https/],
  ])('say what is wrong with a file that has %s, with code 3', async (_what, text, reason) => {
    write('odd', text);
    const { code, stderr } = await user.run(['whoami', '--profile', 'odd']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(reason) });
  });

  it('survive being written by many at once', async () => {
    write('a');
    write('b');
    await Promise.all(Array.from({ length: 20 }, (_, index) => user.run(['profiles', 'use', index % 2 ? 'a' : 'b'])));
    const stored = JSON.parse(readFileSync(join(user.configFolder, 'config.json'), 'utf8'));
    expect(['a', 'b']).toContain(stored.profile);
    expect(readdirSync(user.configFolder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('are where XDG says, unless that is a relative path', async () => {
    const elsewhere = join(user.home, 'elsewhere');
    const env = { XDG_CONFIG_HOME: elsewhere };
    expect((await user.run(['whoami'], { env })).stderr).toContain(join(elsewhere, 'aauth'));
    expect(
      (await user.run(['whoami', '--profile', 'none'], { env: { XDG_CONFIG_HOME: 'relative' } })).stderr,
    ).toContain(user.configFolder);
  });

  it('does not take loopback names where that is forbidden', async () => {
    const words = ['init', '--profile', 'p', '--provider', 'http://agents.localhost:8766'];
    const settings: Record<string, string>[] = [{ AAUTH_ALLOW_LOOPBACK: '0' }, { NODE_ENV: 'production' }];
    for (const env of settings) {
      const { code, stderr } = await user.run(words, { env });
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('AAUTH_ALLOW_LOOPBACK') });
    }
  });
});
