import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './commands.ts';

const program = join(root, 'packages', 'aauth-cli', 'src', 'main.ts');

/** What a command printed, and how it ended. */
interface CommandOutcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface RunningCommand {
  ended: Promise<CommandOutcome>;
  stdout(): string;
  stderr(): string;
  /** Writes to its standard input. */
  write(text: string): void;
  /** Ends its standard input. */
  finish(): void;
}

/** A person in a shell, with a home of their own. */
export interface Shell {
  home: string;
  start(...words: string[]): RunningCommand;
  run(...words: string[]): Promise<CommandOutcome>;
  remove(): void;
}

/** Runs the `aauth` command as a process, as a person does. */
export function openShell(): Shell {
  const home = mkdtempSync(join(tmpdir(), 'aauth-shell-'));
  const env = { PATH: process.env.PATH ?? '', HOME: home, USER: 'alice' };

  function start(...words: string[]): RunningCommand {
    const child = spawn(process.execPath, [program, ...words], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<CommandOutcome>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
    return {
      ended,
      stdout: () => stdout,
      stderr: () => stderr,
      write: (text) => child.stdin.write(text),
      finish: () => child.stdin.end(),
    };
  }

  return {
    home,
    start,
    run(...words) {
      const running = start(...words);
      running.finish();
      return running.ended;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
