import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

/** mockin, as its package starts it, in a process of its own. */
export interface Mockin {
  /** `http://127.0.0.1:port` */
  readonly issuer: string;
  /** Switches what it does, by its own control interface. */
  mock(settings: object): Promise<void>;
  /** Takes every switch back and forgets what it was told. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);
const server = join(dirname(require.resolve('@hellocoop/mockin/package.json')), 'src/server.js');

export async function startMockin(): Promise<Mockin> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = spawn(process.execPath, ['--no-warnings', server], {
      env: { PORT: String(port), IP: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const failure = await untilListening(child);
    if (failure === undefined) return control(child, `http://127.0.0.1:${port}`);
    // It cannot take a port that the system chooses, so somebody else may have got it in between.
    if (attempt === 3 || !failure.includes('EADDRINUSE')) throw new Error(`mockin does not start: ${failure}`);
  }
}

function control(child: ChildProcess, issuer: string): Mockin {
  const send = async (path: string, method: string, settings?: object) => {
    const headers = { 'content-type': 'application/json' };
    const init = settings ? { method, headers, body: JSON.stringify(settings) } : { method };
    const { ok, status } = await fetch(`${issuer}${path}`, init);
    if (!ok) throw new Error(`mockin answers ${status} to ${method} ${path}.`);
  };
  return {
    issuer,
    mock: (settings) => send('/mock/aauth', 'PUT', settings),
    reset: () => send('/mock', 'DELETE'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** Waits until the process says that it listens; tells what it said instead when it ends. */
async function untilListening(child: ChildProcess): Promise<string | undefined> {
  let said = '';
  return new Promise((resolve) => {
    child.once('exit', () => resolve(said));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += chunk;
        if (said.includes('Mock server listening')) resolve(undefined);
      });
    }
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('The probe listens on no port.');
  return address.port;
}
