import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { until } from '../support/until.ts';
import { fault } from './support/fault.ts';
import { identities } from './support/records.ts';
import { outcomeOf } from './support/run.ts';
import { type Stack, serviceNames, startStack } from './support/stack.ts';
import { startedRun, tryToStartRun } from './support/started-run.ts';

const megabytes = 700;
const impossible =
  process.getuid?.() === 0 ? undefined : 'only root can make a small file system; run the tests as root to try this';
const usualTemporary = process.env.TMPDIR;
let disk: string;
let stack: Stack;

beforeAll(async () => {
  if (impossible !== undefined) return;
  disk = mkdtempSync(join(tmpdir(), 'aauth-disk-'));
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=1777`, 'aauth-faults', disk);
  // Databases, keys, logs: everything of this stack is on it.
  process.env.TMPDIR = disk;
  stack = await startStack('mode3');
});

afterAll(async () => {
  if (impossible !== undefined) return;
  await stack?.stop();
  if (usualTemporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualTemporary;
  run('umount', disk);
  rmdirSync(disk);
});

function run(command: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${stderr}`);
}

/** Writes until there is no room for another byte. */
function fillDisk(): string {
  const file = join(disk, 'filling');
  const descriptor = openSync(file, 'w');
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
    const piece = Buffer.alloc(size, 1);
    try {
      while (writeSync(descriptor, piece) === size);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
  closeSync(descriptor);
  return file;
}

fault(
  'the disk is full: databases and logs can write nothing more',
  'who starts a run is told 503 once nothing can be noted, no process ends, and nothing answers 500; with room again every run that had begun ends, the next completes, and nothing is lost',
  async () => {
    expect(await outcomeOf(await startedRun())).toBe('completed');
    const before = await identities();
    const filling = fillDisk();
    const begun: string[] = [];
    let refused = 0;
    try {
      for (let attempt = 0; attempt < 200 && refused < 10; attempt++) {
        const { status, retryAfter, requestId } = await tryToStartRun().catch((cause: unknown) => {
          const isRunning = serviceNames.filter((name) => stack.service(name).isRunning());
          const log = stack.service('backend').log().slice(-2000);
          throw new Error(`Still running: ${isRunning.join(', ')}. The backend: ${log}`, { cause });
        });
        expect([200, 503]).toContain(status);
        if (requestId !== undefined) begun.push(requestId);
        if (status === 503) expect(retryAfter).toBe(true);
        if (status === 503) refused += 1;
      }
      expect(refused).toBe(10);
      for (const name of serviceNames) expect([name, stack.service(name).isRunning()]).toEqual([name, true]);
    } finally {
      rmSync(filling);
    }
    const outcomes = await Promise.all(begun.map(outcomeOf));
    for (const outcome of outcomes) expect(outcome).toMatch(/^(completed|failed: \S.*)$/);
    await until('a run to complete', async () => {
      const { requestId } = await tryToStartRun();
      return requestId !== undefined && (await outcomeOf(requestId)) === 'completed';
    });
    expect(await identities()).toEqual(before);
    return `${begun.length} runs begun and ended, ${refused} × 503; afterwards completed, ${before.agents.length} agents and ${before.keys.length} keys as before`;
  },
  impossible === undefined ? {} : { impossible },
);
