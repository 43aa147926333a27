import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a database that a test can close, to see what a service does while its database cannot be reached. */
export interface DatabaseRelay {
  /** The database's URL through the relay. */
  url: string;
  /** Breaks every connection off and refuses new ones. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Lets nothing more through on the connections there are, without a word to either end. */
  stall(): void;
  close(): Promise<void>;
}

export async function startDatabaseRelay(databaseUrl: string): Promise<DatabaseRelay> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let server: Server;

  function relay(client: Socket): void {
    const database = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }

  async function listen(port: number): Promise<number> {
    server = createServer(relay).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('the relay has no port');
    return address.port;
  }

  async function cut(): Promise<void> {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  const port = await listen(0);
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    cut,
    stall() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    restore: async () => void (await listen(port)),
    close: cut,
  };
}
