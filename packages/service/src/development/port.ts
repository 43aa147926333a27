import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPortHolder } from '../http/port-holder.ts';
import { StartupError } from '../startup-error.ts';

const host = '127.0.0.1';
const retryMs = 250;
/** A closed connection keeps its port for a minute (TIME_WAIT). */
const patienceMs = 65_000;

/** A port that nothing uses at the moment, for programs that cannot choose one themselves. */
export function freePort(): Promise<number> {
  return bind(0);
}

/**
 * Resolves when a port can be listened on. The system lends ports such as 54329 to outgoing connections too: that is
 * waited out. Rejects at once when somebody listens on it, naming the process.
 */
export async function portIsFree(port: number): Promise<void> {
  for (let waited = 0; ; waited += retryMs) {
    try {
      await bind(port);
      return;
    } catch (error) {
      if (waited >= patienceMs || (await isListenedOn(port))) {
        const holder = (await findPortHolder(port)) ?? 'another process';
        throw new StartupError(`Port ${port} for PostgreSQL is taken by ${holder}.`, { cause: error });
      }
    }
    await sleep(retryMs);
  }
}

async function bind(port: number): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : port;
}

async function isListenedOn(port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
