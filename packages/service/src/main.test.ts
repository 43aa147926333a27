import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { spawnProcess } from './testing/process.ts';

const program = fileURLToPath(new URL('../test/service.ts', import.meta.url));

interface Outcome {
  code: number | null;
  output: string;
  errors: string;
}

/** Runs the test's service and sends it each signal once the text that comes with it was printed. */
async function run(environment: Record<string, string>, signals: [string, NodeJS.Signals][] = []): Promise<Outcome> {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome: Outcome = { code: null, output: '', errors: '' };
  const pending = [...signals];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    outcome.output += chunk;
    const [next] = pending;
    if (next && outcome.output.includes(next[0])) {
      pending.shift();
      child.kill(next[1]);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    outcome.errors += chunk;
  });
  const [code] = await once(child, 'close');
  return { ...outcome, code };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s closes the service and exits with 0', async (signal) => {
  const outcome = await run({}, [['started', signal]]);
  expect(outcome).toEqual({ code: 0, output: 'started\nclosing\nclosed\n', errors: '' });
});

test('a second signal exits at once', async () => {
  const outcome = await run({ BEHAVIOUR: 'endless' }, [
    ['started', 'SIGTERM'],
    ['closing', 'SIGTERM'],
  ]);
  expect(outcome).toEqual({
    code: 1,
    output: 'started\nclosing\n',
    errors: 'test-service stopped by a second signal\n',
  });
});

test('stopping is bounded', async () => {
  const bounds = { STOP_TIMEOUT: '1', STOP_MS: '50' };
  const outcome = await run({ BEHAVIOUR: 'endless', ...bounds }, [['started', 'SIGTERM']]);
  expect(outcome).toMatchObject({ code: 1, errors: 'test-service did not stop within 1050 ms\n' });
});

test('with STOP_DELAY it says that it is not ready, serves on, has connections end, and then closes', async () => {
  const service = spawnProcess({
    directory: new URL('..', import.meta.url),
    arguments: [program],
    environment: { BEHAVIOUR: 'serving', STOP_DELAY: '2' },
  });
  onTestFinished(service.kill);
  const url = await service.url;
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, ready.headers.get('connection')]).toEqual([200, 'keep-alive']);

  const ended = service.terminate();
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { interval: 10 }).toBe(503);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const answer = await fetch(url);
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
  expect(await ended).toBe(0);
  expect(service.output()).toContain('closing\nclosed\n');
});

test('a wrong STOP_DELAY is told at the start', async () => {
  const outcome = await run({ STOP_DELAY: 'a while' });
  expect(outcome).toMatchObject({
    code: 1,
    output: '',
    errors: expect.stringContaining('STOP_DELAY="a while" is wrong'),
  });
});

test('a failure while stopping is reported', async () => {
  const outcome = await run({ BEHAVIOUR: 'failing' }, [['started', 'SIGTERM']]);
  expect(outcome.code).toBe(1);
  expect(outcome.errors).toMatch(/^test-service failed while stopping: Error: could not close\n/);
});

test('a wrong setting is one line that names it, and exit status 1', async () => {
  const outcome = await run({ BEHAVIOUR: 'config', PORT: '99999', API_TOKEN: 'far too long' });
  expect(outcome.code).toBe(1);
  expect(outcome.output).toBe('');
  expect(outcome.errors).toMatch(
    /^test-service cannot start: PORT="99999" is wrong: a port .* is expected; API_TOKEN="\*\*\*" is wrong: .*\n$/,
  );
});

test('a wrong DATABASE_URL is one line too', async () => {
  const outcome = await run({ BEHAVIOUR: 'database', DATABASE_URL: 'postgres://service:hunter2@127.0.0.1:1/notes' });
  expect(outcome).toEqual({
    code: 1,
    output: '',
    errors:
      'test-service cannot start: cannot use the database DATABASE_URL=postgres://service:***@127.0.0.1:1/notes: ' +
      'nothing answers there (ECONNREFUSED)\n',
  });
});

test('whatever else the operator must change is one line, what nobody foresaw comes with its stack', async () => {
  expect(await run({ BEHAVIOUR: 'startup' })).toEqual({
    code: 1,
    output: '',
    errors: 'test-service cannot start: the key file is missing\n',
  });
  const broken = await run({ BEHAVIOUR: 'broken' });
  expect(broken.code).toBe(1);
  expect(broken.errors).toMatch(/^test-service cannot start: Error: unforeseen\n {4}at /);
});
