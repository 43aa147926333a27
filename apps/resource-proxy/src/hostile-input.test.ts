import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { a2aMethod } from './a2a/call.ts';
import { ConfigFileError } from './configuration/config-file-error.ts';
import { loadGatewayFile } from './configuration/gateway-file.ts';
import { nameMcpCall } from './mcp/call-name.ts';
import { send, toText } from './testing/client.ts';
import { startProxy, type TestProxy } from './testing/proxy.ts';

/** Sends bytes, and that there are no more, and returns what comes back. */
function sendAll(port: number, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = '';
  const socket = connect(port, '127.0.0.1', () => socket.end(text, 'latin1'));
  socket.on('data', (piece) => {
    received += piece;
  });
  socket.on('error', () => resolve(received));
  socket.on('close', () => resolve(received));
  return promise;
}

describe('on the wire', () => {
  let proxy: TestProxy;

  beforeAll(async () => {
    proxy = await startProxy();
  });

  afterAll(() => proxy.close());

  test('whatever bytes come, nothing but what was signed arrives, and the next request is served', async () => {
    const text = toText(await proxy.signed());
    const piece = fc.constantFrom(
      '\r\n',
      '\n',
      ' ',
      ':',
      '\0',
      'x-aauth-agent: a',
      'transfer-encoding: chunked',
      '//',
      '%',
      'é',
    );
    const damage = fc.tuple(
      fc.nat(text.length),
      fc.nat(5),
      fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 })),
    );
    const damaged = damage.map(([at, length, by]) => text.slice(0, at) + by + text.slice(at + length));
    const reached = proxy.backend.count();
    await fc.assert(
      fc.asyncProperty(damaged, async (sent) => {
        const answer = await sendAll(proxy.port, sent);
        expect(answer).not.toMatch(/^HTTP\/1\.1 50[0234]/);
        for (const { body } of proxy.backend.received.slice(reached)) expect(text).toContain(body);
      }),
    );
    proxy.clock.now += 1;
    expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
  });
});

describe('a body that is made to take long, from somebody who has no signature,', () => {
  let proxy: TestProxy;

  beforeAll(async () => {
    proxy = await startProxy();
  });

  afterAll(() => proxy.close());

  test.each([
    ['escaped quotes', '\\"'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['brackets', '['],
    ['objects', '{"a":'],
    ['strings', '"a",'],
  ])('%s: is refused like any other, and nobody waits', async (_name, unit) => {
    proxy.clock.now += 1;
    expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
    proxy.clock.now += 1;
    const reached = proxy.backend.count();
    const body = unit.repeat(1_000_000 / unit.length);
    const { headers, ...request } = await proxy.signed();
    const started = performance.now();
    const answer = await send(proxy.port, { ...request, headers, body });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(answer.status).toBe(401);
    expect(answer.headers['signature-error']).toBe('error=invalid_signature');
    expect(proxy.checks().at(-1)).toMatchObject({ result: 'error', reason: 'invalid_signature' });
    expect(proxy.backend.count()).toBe(reached);
  });
});

describe('a body', () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const json = fc.json({ maxDepth: 5 }).map(encode);
  const message = fc
    .record({
      jsonrpc: fc.constantFrom('2.0', '1.0', 2),
      id: fc.jsonValue(),
      method: fc.oneof(fc.string(), fc.jsonValue()),
      params: fc.jsonValue(),
    })
    .map((value) => encode(JSON.stringify(value)));
  const bytes = fc.oneof(
    json,
    message,
    fc.uint8Array({ maxLength: 100 }),
    message.map((whole) => whole.subarray(0, -1)),
  );

  test('names a call by a short word or not at all', () => {
    fc.assert(
      fc.property(bytes, (body) => {
        const names = [a2aMethod(body), nameMcpCall(body)?.name];
        for (const name of names) if (name !== undefined) expect(name).toMatch(/^[\w ./:$-]{1,210}$/);
      }),
    );
  });

  test('that is nested ten thousand times is no reason to fail', () => {
    for (const nested of ['['.repeat(10_000), '{"a":'.repeat(10_000), `${'['.repeat(10_000)}${']'.repeat(10_000)}`]) {
      expect([a2aMethod(encode(nested)), nameMcpCall(encode(nested))]).toEqual([undefined, undefined]);
    }
    const nested = `${'['.repeat(10_000)}"deep"${']'.repeat(10_000)}`;
    const params = `{"name":"order","arguments":${nested}}`;
    const call = encode(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`);
    expect([a2aMethod(call), nameMcpCall(call)?.name]).toEqual(['tools/call', 'mcp tools/call order']);
  });
});

describe('a config', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hostile-input-'));
  const file = join(directory, 'config.yaml');

  afterAll(() => rmSync(directory, { recursive: true }));

  const load = (text: string) => {
    writeFileSync(file, text);
    return loadGatewayFile(file, {}, []);
  };

  test('that is none is refused with the file’s name', () => {
    const words = [
      'binds:',
      '- port: 3000',
      'listeners:',
      '\n',
      '  ',
      '- ',
      '&a',
      '*a',
      '<<: ',
      `\${X}`,
      `\${X:-1}`,
      '!!js',
      '{',
      '[',
      '"',
      '|',
      '#',
      'é',
      '\t',
      ': ',
    ];
    const yaml = fc.oneof(fc.string({ unit: fc.constantFrom(...words) }), fc.json(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(yaml, (text) => {
        try {
          load(text);
          expect.fail('It was read.');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigFileError);
          expect(String(error)).toContain(file);
        }
      }),
    );
  });

  test('whose aliases multiply is refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1) lines.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
    expect(() => load(lines.join('\n'))).toThrow(ConfigFileError);
  });
});
