import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { formatTable } from '../table.ts';

/**
 * How long it takes from `start-infra.sh` to the end of the first run: the first time, with nothing in the data directory and nothing
 * compiled, and then as it is from day to day. The stack must not be running.
 */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const backend = 'http://127.0.0.1:8000';
const starts = ['first', 'second', 'third', 'fourth'];

const data = mkdtempSync(join(tmpdir(), 'bench-start-'));
const environment = { ...process.env, AAUTH_DATA_DIR: data };
rmSync(join(root, 'node_modules/.cache/compiled'), { recursive: true, force: true });
const rows: string[][] = [];
try {
  for (const start of starts) rows.push([start, ...(await timeStart())]);
} finally {
  script('stop-infra.sh');
  rmSync(data, { recursive: true, force: true });
}
process.stdout.write(`${formatTable(['start', 'start-infra.sh s', 'first run s', 'together s'], rows)}\n`);

async function timeStart(): Promise<string[]> {
  const began = performance.now();
  script('start-infra.sh');
  const up = performance.now();
  await completeRun();
  const done = performance.now();
  script('stop-infra.sh');
  return [up - began, done - up, done - began].map((ms) => (ms / 1000).toFixed(1));
}

function script(name: string): void {
  const { status, stdout, stderr } = spawnSync(join(root, 'scripts', name), { env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ended with ${status}:\n${stdout}${stderr}`);
}

async function completeRun(): Promise<void> {
  const started = await call('/optimization/start', { method: 'POST', body: '{"prompt":"perform market analysis"}' });
  for (;;) {
    const { status } = await call(`/optimization/progress/${started.request_id}`);
    if (status === 'completed') return;
    if (status === 'failed') throw new Error('The run failed.');
    await wait(25);
  }
}

async function call(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${backend}${path}`, {
    ...init,
    headers: { 'content-type': 'application/json', connection: 'close' },
  });
  return Object(await response.json());
}
