import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'pid-file-'));
const file = join(directory, 'pids');
vi.mock('./root.ts', () => ({ pidFile: file }));

const { prunePidFile, recordProcess, runningProcesses } = await import('./pid-file.ts');

afterEach(() => rmSync(file, { force: true }));

describe('the pid file', () => {
  it('knows a recorded process that runs', () => {
    recordProcess(process.pid, 'backend');
    expect(runningProcesses()).toEqual([{ pid: process.pid, name: 'backend', startedAt: expect.any(String) }]);
  });

  it('W12: does not take a later process with the same number for the recorded one', () => {
    writeFileSync(file, `${process.pid} backend 1\n`);
    expect(runningProcesses()).toEqual([]);
  });

  it('drops what no longer runs', () => {
    recordProcess(process.pid, 'backend');
    writeFileSync(file, `4194000 gone 1\n${readFileSync(file, 'utf8')}`);
    prunePidFile();
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^${process.pid} backend \\d+\\n$`));
  });

  it('is not there when nothing runs', () => {
    writeFileSync(file, '4194000 gone 1\n');
    prunePidFile();
    expect(() => readFileSync(file)).toThrow('ENOENT');
    expect(runningProcesses()).toEqual([]);
  });
});
