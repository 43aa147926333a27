import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentProvider, createKeyPair, startAgentProvider } from '@aauth-stack/by-hand';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureRequest } from './support/capture.ts';
import { createUser } from './support/run.ts';

const user = createUser();
let provider: AgentProvider;
let raw: string;
let posted: string;

beforeAll(async () => {
  provider = await startAgentProvider();
  ({ raw } = await captureRequest(provider));
  ({ raw: posted } = await captureRequest(provider, { method: 'POST', body: '{"item":1}' }));
});

afterAll(async () => {
  await provider.close();
  user.remove();
});

/** What `aauth verify` makes of a request: the code of the first fault, and what failed. */
async function verify(stdin: string, ...words: string[]) {
  const { code, json } = await user.run(['verify', '--json', ...words], { stdin });
  const checks: { check: string; result: string; detail: string; hint?: string }[] = Object(json).checks ?? [];
  const faults = checks.filter(({ result }) => result === 'fail');
  return {
    code,
    verdict: json.verdict,
    error: json.signature_error,
    faults: faults.map(({ check }) => check),
    checks,
    json,
  };
}

const hintOf = ({ checks }: Awaited<ReturnType<typeof verify>>, name: string) =>
  checks.find(({ check, result }) => check === name && result === 'fail')?.hint;

describe('aauth verify', () => {
  it('finds that a request holds, by the keys that the issuer of its token publishes', async () => {
    expect(await verify(raw)).toMatchObject({ code: 0, verdict: 'holds', faults: [] });
    expect(await verify(posted)).toMatchObject({ code: 0, verdict: 'holds', faults: [] });
    const { code, stdout } = await user.run(['verify', '--base'], { stdin: raw });
    expect(code).toBe(0);
    expect(stdout).toContain('The signature holds.');
    expect(stdout).toMatch(/^"@path": \/stock$/m);
    const [, signature = 'none'] = /jwt="[^."]+\.[^."]+\.([^"]+)"/.exec(raw) ?? [];
    expect(stdout).not.toContain(signature);
  });

  it('reads what curl -v shows, JSON and HAR files, from files too', async () => {
    const [head = ''] = raw.split('\r\n\r\n');
    expect(await verify(head.replaceAll(/^/gm, '> '))).toMatchObject({ verdict: 'holds' });
    const [line = '', ...fields] = head.split('\r\n');
    const headers = fields.map((field) => {
      const [name = '', ...value] = field.split(': ');
      return { name, value: value.join(': ') };
    });
    const host = headers.find(({ name }) => name === 'host')?.value;
    const request = { method: 'GET', url: `http://${host}${line.split(' ')[1]}`, headers };
    const file = join(user.home, 'request.json');
    writeFileSync(file, JSON.stringify(request));
    expect(await verify('', file)).toMatchObject({ verdict: 'holds' });
    const unsigned = { ...request, headers: [] };
    const har = { log: { entries: [{ request: unsigned }, { request }] } };
    expect(await verify(JSON.stringify(har))).toMatchObject({ verdict: 'holds' });
    expect(await verify(JSON.stringify(har), '--entry', '1')).toMatchObject({ code: 6, faults: ['headers'] });
    const table = { ...request, headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])) };
    expect(await verify(JSON.stringify(table))).toMatchObject({ verdict: 'holds' });
  });

  it('names what is missing', async () => {
    expect(await verify(raw.replace(/^signature: .*\r\n/m, ''))).toMatchObject({
      code: 6,
      verdict: 'fails',
      error: 'invalid_signature',
      faults: ['headers'],
    });
    const bare = await captureRequest(provider, { components: ['@method', '@authority', 'signature-key'] });
    expect(await verify(bare.raw)).toMatchObject({ error: 'invalid_input', faults: ['covered-components'] });
    expect(await verify(raw, '--require', '@query')).toMatchObject({
      error: 'invalid_input',
      faults: ['covered-components'],
    });
  });

  it('says which part of a request the signature was made for', async () => {
    const method = await verify(raw.replace(/^GET/, 'DELETE'));
    expect(method).toMatchObject({ code: 6, error: 'invalid_signature', faults: ['signature'] });
    expect(hintOf(method, 'signature')).toContain('made for @method "GET"; here it is "DELETE"');
    const path = await verify(raw.replace('/stock', '/stock/'));
    expect(hintOf(path, 'signature')).toContain('made for @path "/stock"; here it is "/stock/"');
    const host = await verify(raw, '--authority', 'inventory.example');
    expect(host.faults).toEqual(['signature']);
    expect(hintOf(host, 'signature')).toMatch(
      /made for @authority "127\.0\.0\.1:\d+"; here it is "inventory\.example"/,
    );
    const other = await verify(raw.replace('/stock', '/something-else'));
    expect(hintOf(other, 'signature')).toMatch(/another key made it/);
  });

  it('says what became of the body', async () => {
    expect(hintOf(await verify(posted.replace('{"item":1}', '{"item":2}')), 'body')).toMatch(
      /changed after it was signed/,
    );
    const longer = posted.replace(/^content-length: .*\r\n/m, '');
    const withBreak = await verify(`${longer}\n`);
    expect(withBreak).toMatchObject({ error: 'invalid_signature', faults: ['body'] });
    expect(hintOf(withBreak, 'body')).toMatch(/without the line break at its end/);
    expect(await verify(`${posted}\n`)).toMatchObject({ verdict: 'holds' });
    const cut = await verify(posted.slice(0, -3));
    expect(cut.checks).toContainEqual(
      expect.objectContaining({ result: 'warn', detail: expect.stringContaining('it was cut') }),
    );
  });

  it('tells an old request from a wrong one', async () => {
    const later = () => Date.now() / 1000 + 600;
    const { code, json } = await user.run(['verify', '--json'], { stdin: raw, now: later });
    expect({ code, json }).toMatchObject({ code: 6, json: { signature_error: 'invalid_signature' } });
    const { stdout } = await user.run(['verify'], { stdin: raw, now: later });
    expect(stdout).toMatch(/✗ created: .* ago; verifiers allow 60 s/);
    expect(stdout).toContain('--at created');
    expect(await user.run(['verify', '--at', 'created'], { stdin: raw, now: later })).toMatchObject({ code: 0 });
    expect(await user.run(['verify', '--window', '1000'], { stdin: raw, now: later })).toMatchObject({ code: 0 });
    const earlier = await user.run(['verify', '--json'], { stdin: raw, now: () => Date.now() / 1000 - 600 });
    expect(earlier.json.signature_error).toBe('clock_skew');
  });

  it('says what is wrong with the token', async () => {
    const expired = await provider.token({ claims: { iat: 1_700_000_000, exp: 1_700_003_600 } });
    expect(await verify((await captureRequest(provider, { token: expired })).raw)).toMatchObject({
      error: 'expired_jwt',
      faults: ['token'],
    });
    const stranger = await provider.token({}, await createKeyPair('ap-1'));
    expect(await verify((await captureRequest(provider, { token: stranger })).raw)).toMatchObject({
      error: 'invalid_jwt',
      faults: ['token'],
    });
    const unknown = await provider.token({ header: { kid: 'ap-9' } });
    const report = await verify((await captureRequest(provider, { token: unknown })).raw);
    expect(report).toMatchObject({ error: 'unknown_key', faults: ['token'] });
    expect(hintOf(report, 'token')).toContain(`aauth metadata ${provider.issuer}`);
    // The key that the token names signed it all the same.
    expect(report.checks).toContainEqual(expect.objectContaining({ check: 'signature', result: 'pass' }));
  });

  it('asks nobody with --offline, and uses the keys that it is given', async () => {
    const report = await verify(raw, '--offline');
    expect(report).toMatchObject({ code: 0, verdict: 'holds' });
    expect(report.checks).toContainEqual(expect.objectContaining({ check: 'token', result: 'skip' }));
    const file = join(user.home, 'keys.json');
    writeFileSync(file, JSON.stringify({ keys: provider.keys }));
    expect(await verify(raw, '--offline', '--keys', file)).toMatchObject({ verdict: 'holds' });
    writeFileSync(file, JSON.stringify({ keys: [(await createKeyPair('ap-1')).published] }));
    expect(await verify(raw, '--offline', '--keys', file)).toMatchObject({ verdict: 'fails', error: 'invalid_jwt' });
  });

  it.each([
    ['', /input is empty/],
    ['not http', /no request line/],
    ['GET / HTTP/1.1\r\nno colon here', /no header line/],
    ['{"method": "GET"', /starts like JSON/],
    ['{"method": "GET"}', /describes no request: url/],
  ])('refuses %j as input, with code 2', async (stdin, reason) => {
    const { code, stderr, stdout } = await user.run(['verify'], { stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(reason);
  });
});
