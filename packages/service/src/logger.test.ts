import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { context, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { captureLog } from './testing/index.ts';

test('a line is one JSON object with ISO time, level as a word, service and message', () => {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const log = createLogger({ name: 'person-server', level: 'info', destination });
  log.debug('too fine');
  log.warn({ port: 80 }, 'careful');
  expect(written).toHaveLength(1);
  expect(written[0]?.endsWith('}\n')).toBe(true);
  const line = JSON.parse(written[0] ?? '');
  expect(line).toEqual({ level: 'warn', time: line.time, service: 'person-server', port: 80, msg: 'careful' });
  expect(new Date(line.time).toISOString()).toBe(line.time);
});

test('secrets are redacted on every level', () => {
  const { log, lines } = captureLog();
  const secrets = { authorization: 'Bearer x', cookie: 'c', signature: 's', 'signature-key': 'k', agent_token: 't' };
  log.info({ ...secrets, headers: secrets, request: { headers: { ...secrets, 'x-aauth-proxy-secret': 'p' } } });
  const redacted = Object.fromEntries(Object.keys(secrets).map((name) => [name, '[redacted]']));
  expect(lines()[0]).toMatchObject({
    ...redacted,
    headers: redacted,
    request: { headers: { ...redacted, 'x-aauth-proxy-secret': '[redacted]' } },
  });
});

test('a token inside any text loses its signature', () => {
  const { log, lines } = captureLog();
  const token = 'eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJhIn0.c2lnbmF0dXJl_-';
  log.error({ err: new Error(`refused ${token}`), note: [`sig=jwt;jwt="${token}"`] }, `got ${token}`);
  expect(JSON.stringify(lines())).not.toContain('c2lnbmF0dXJl');
  expect(lines()[0]).toMatchObject({ msg: 'got eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJhIn0.…' });
});

test('an error is logged with its cause', () => {
  const { log, lines } = captureLog();
  log.error({ err: new Error('outer', { cause: new Error('inner') }) });
  expect(lines()[0]).toMatchObject({ err: { message: 'outer', cause: { message: 'inner' } } });
});

test('in a span, the line carries its trace and span', () => {
  const { log, lines } = captureLog();
  const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const active = trace.setSpan(context.active(), trace.wrapSpanContext(ids));
  const getActive = trace.getActiveSpan;
  trace.getActiveSpan = () => trace.getSpan(active);
  try {
    log.info('inside');
  } finally {
    trace.getActiveSpan = getActive;
  }
  log.info('outside');
  expect(lines()).toMatchObject([{ trace_id: ids.traceId, span_id: ids.spanId }, { msg: 'outside' }]);
  expect(lines()[1]).not.toHaveProperty('trace_id');
});

test.skipIf(!existsSync('/dev/full'))(
  'a log that cannot be written ends nothing, and keeps no more than a mebibyte waiting',
  () => {
    const logger = new URL('logger.ts', import.meta.url).href;
    const program = `
    import { createLogger } from '${logger}';
    const log = createLogger({ name: 'full' });
    const text = 'x'.repeat(1000);
    for (let line = 0; line < 1000; line++) log.info(text);
    const before = process.memoryUsage().heapUsed;
    for (let line = 0; line < 50_000; line++) log.info(text);
    gc();
    setImmediate(() => console.error(JSON.stringify({ grown: process.memoryUsage().heapUsed - before })));`;
    const full = openSync('/dev/full', 'w');
    try {
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--expose-gc', '--input-type=module', '--eval', program],
        { stdio: ['ignore', full, 'pipe'], encoding: 'utf8', cwd: new URL('.', import.meta.url) },
      );
      expect(status).toBe(0);
      expect(JSON.parse(stderr).grown).toBeLessThan(20 * 1024 * 1024);
    } finally {
      closeSync(full);
    }
  },
);
