import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { systemClock } from '@aauth-stack/aauth/clock';
import { runCli } from '../../src/cli.ts';
import type { Context } from '../../src/command/context.ts';

/** What a command left behind. */
interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Running {
  readonly ended: Promise<Outcome>;
  stdout(): string;
  stderr(): string;
  interrupt(): void;
  /** Pages that it opened in the browser. */
  readonly opened: readonly string[];
}

/** A user with a home of their own. */
export interface TestUser {
  readonly home: string;
  readonly configFolder: string;
  readonly stateFolder: string;
  /** Runs a command to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Starts a command. */
  start(args: readonly string[], options?: RunOptions): Running;
  remove(): void;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array | PassThrough;
  readonly now?: () => number;
  readonly terminal?: boolean;
}

export function createUser(): TestUser {
  const home = mkdtempSync(join(tmpdir(), 'aauth-cli-'));

  function start(args: readonly string[], options: RunOptions = {}): Running {
    const out = collector(options.terminal);
    const err = collector(options.terminal);
    const interrupted = new AbortController();
    const opened: string[] = [];
    const { stdin = '' } = options;
    const context: Context = {
      env: { HOME: home, USER: 'alice', ...options.env },
      stdin: stdin instanceof PassThrough ? stdin : Readable.from(stdin.length > 0 ? [Buffer.from(stdin)] : []),
      stdout: out.stream,
      stderr: err.stream,
      now: options.now ?? systemClock,
      signal: interrupted.signal,
      openInBrowser: (url) => opened.push(url),
    };
    const ended = runCli(args, context).then((code) => ({
      code,
      stdout: out.text(),
      stderr: err.text(),
      get json() {
        return Object(JSON.parse(out.text()));
      },
    }));
    return {
      ended,
      stdout: out.text,
      stderr: err.text,
      interrupt: () => interrupted.abort(new DOMException('Interrupted.', 'AbortError')),
      opened,
    };
  }

  return {
    home,
    configFolder: join(home, '.config', 'aauth'),
    stateFolder: join(home, '.local', 'state', 'aauth'),
    start,
    run: (args, options) => start(args, options).ended,
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

function collector(isTTY = false) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => Buffer.concat(chunks).toString('utf8') };
}
