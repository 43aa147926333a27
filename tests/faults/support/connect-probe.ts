import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../../support/until.ts';
import type { Measured } from './measure.ts';

/** What a test can do inside a process that was started with {@link environment}. */
export interface Probe {
  /** What the process has to be started with. */
  environment: Readonly<Record<string, string>>;
  /** Moves its clock, to so many seconds ahead of the real one; behind it when negative. */
  moveClock(aheadSeconds: number): Promise<void>;
  measure(): Promise<Measured>;
  close(): void;
}

export function createProbe(): Probe {
  const directory = mkdtempSync(join(tmpdir(), 'aauth-probe-'));
  const path = join(directory, 'socket');

  async function ask(line: string): Promise<string> {
    const socket = await until(`a probe at ${path}`, async () => {
      const attempt = connect(path);
      return once(attempt, 'connect').then(
        () => attempt,
        () => undefined,
      );
    });
    try {
      socket.write(`${line}\n`);
      for await (const answer of createInterface(socket)) return answer;
      throw new Error(`The probe at ${path} did not answer.`);
    } finally {
      socket.destroy();
    }
  }

  return {
    environment: {
      NODE_OPTIONS: `--import=${new URL('probe.ts', import.meta.url).href}`,
      PROBE_SOCKET: path,
    },
    moveClock: async (aheadSeconds) => void (await ask(`clock ${aheadSeconds}`)),
    measure: async () => JSON.parse(await ask('measure')),
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}
