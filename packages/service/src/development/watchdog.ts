import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { RunAs } from './ordinary-user.ts';

/** Waits for the end of its input, which comes when the process at the other end is gone, however it ended. */
const script = 'cat >/dev/null; kill -INT "$1" 2>/dev/null';

/**
 * Has the server with this pid shut down when the current process ends, also by SIGKILL.
 *
 * @returns calls it off, for when the server has ended: its pid may be another program's soon
 */
export function endWithThisProcess(pid: number, user: RunAs): () => void {
  const shell = spawn('/bin/sh', ['-c', script, 'sh', String(pid)], {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return () => {
    shell.kill('SIGKILL');
    shell.stdin.destroy();
  };
}
