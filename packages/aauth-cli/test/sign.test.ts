import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AgentProvider, startAgentProvider, startParty, verifyCaller } from '@aauth-stack/by-hand';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createUser } from './support/run.ts';

const user = createUser();
const keyFile = join(user.home, 'key.json');
const tokenFile = join(user.home, 'token');
let provider: AgentProvider;

beforeAll(async () => {
  provider = await startAgentProvider();
  writeFileSync(keyFile, JSON.stringify({ ...provider.agentKey.privateJwk, alg: provider.agentKey.alg }), {
    mode: 0o600,
  });
  writeFileSync(tokenFile, await provider.token());
});

afterAll(async () => {
  await provider.close();
  user.remove();
});

const asAgent = ['--key', keyFile, '--token', tokenFile];

describe('aauth sign', () => {
  it('prints a curl line that another implementation accepts', async () => {
    const callers: unknown[] = [];
    const server = await startParty({
      dwk: 'aauth-resource.json',
      kid: 'rs-1',
      answer: async (request) => {
        callers.push((await verifyCaller(request, { withBody: true })).token.claims.sub);
        return { status: 200, body: { received: Buffer.from(request.body).toString() } };
      },
    });
    onTestFinished(server.close);
    const body = `{"note":"it's $HOME"}`;
    const signed = await user.run([
      'sign',
      '--format',
      'curl',
      ...asAgent,
      `${server.issuer}/orders/b%20c`,
      '-d',
      body,
    ]);
    expect(signed.code).toBe(0);
    expect(signed.stderr).toMatch(/holds a complete token: keep it out of logs/);
    const answer = await curl(signed.stdout);
    expect(answer).toEqual({ received: body });
    expect(callers).toEqual([provider.agent]);
  });

  it('prints a request that aauth verify takes, and headers that say no secret with --redact', async () => {
    const words = ['sign', ...asAgent, 'http://inventory.localhost:3000/stock?item=1', '--quiet'];
    const { stdout, stderr } = await user.run([...words, '--format', 'http']);
    expect(stderr).toBe('');
    expect(await user.run(['verify'], { stdin: stdout })).toMatchObject({ code: 0 });
    expect(await user.run(['verify', '--require', '@query'], { stdin: stdout })).toMatchObject({ code: 0 });
    const { stdout: redacted } = await user.run([...words, '--redact']);
    const [, tokenSignature = 'none'] = /\.([\w-]+)"/.exec(/signature-key: .*/.exec(stdout)?.[0] ?? '') ?? [];
    expect(stdout).toContain(tokenSignature);
    expect(redacted).not.toContain(tokenSignature);
    expect(redacted).toMatch(/^signature: sig=:…:$/m);
  });

  it('shows the signature base, and makes no signature twice', async () => {
    const words = ['sign', '--scheme', 'hwk', '--key', keyFile, 'https://api.example/a', '--json'];
    const { json } = await user.run([...words, '--base', '--expires', '30', '--cover', '@query']);
    expect(json).toMatchObject({ method: 'GET', url: 'https://api.example/a' });
    expect(json.signature_base).toMatch(
      /^"@method": GET\n"@authority": api\.example\n"@path": \/a\n"signature-key": .*\n"@query": \?\n/,
    );
    expect(json.signature_base).toMatch(/;created=\d+;expires=\d+;nonce="/);
    const made = await Promise.all([user.run(words), user.run(words)]);
    expect(new Set(made.map(({ json }) => Object(json.headers).signature)).size).toBe(2);
  });

  it.each([
    [['--scheme', 'cached'], /--scheme is jwt, hwk, jkt-jwt or jwks_uri, not "cached"/],
    [['--scheme', 'hwk'], /needs --key FILE/],
    [['--token', 'file'], /--token needs --key/],
    [['--scheme', 'jwks_uri', '--key', keyFile], /--id, --dwk and --kid/],
    [['--format', 'xml'], /--format is headers, curl or http/],
    [['--scheme', 'hwk', '--key', keyFile, '-H', 'Host: other'], /written by aauth itself/],
    [['--scheme', 'hwk', '--key', keyFile, '-X', 'GE T'], /not an HTTP method/],
    [['--scheme', 'hwk', '--key', keyFile, '-X', 'GET', '-d', 'x'], /has no body/],
    [['--scheme', 'hwk', '--key', keyFile, '--cover', '@nonsense'], /not a component that can be covered/],
    [['--scheme', 'hwk', '--key', keyFile, '-d', '@/does/not/exist'], /cannot be read/],
    [['--nonsense'], /Unknown option '--nonsense'/],
  ])('refuses %j, with code 2', async (words, reason) => {
    const { code, stderr } = await user.run(['sign', 'https://api.example/', ...words]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(reason) });
  });

  it('refuses a key that others may read, with code 3, and says what to do', async () => {
    const file = join(user.home, 'exposed.json');
    writeFileSync(file, '{}');
    chmodSync(file, 0o644);
    const { code, stderr } = await user.run(['sign', '--scheme', 'hwk', '--key', file, 'https://api.example/']);
    expect(code).toBe(3);
    expect(stderr).toContain(`chmod 600 '${file}'`);
  });
});

/** Runs a curl line; what curl does not understand fails. */
async function curl(line: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `${line.trim()} --silent --show-error --max-time 20`]);
  return JSON.parse(stdout);
}
