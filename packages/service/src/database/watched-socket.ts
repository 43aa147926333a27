import { Socket } from 'node:net';

const checkEveryMs = 1_000;

/** A connection that is given up when nothing comes back on it although something was sent. */
class WatchedSocket extends Socket {
  #sentAt = 0;
  #receivedAt = 0;

  constructor(silenceMs: number) {
    super();
    const timer = setInterval(() => {
      const isWaiting = this.#sentAt > this.#receivedAt;
      if (!isWaiting || performance.now() - this.#sentAt < silenceMs) return;
      const seconds = Math.round(silenceMs / 1000);
      this.destroy(Object.assign(new Error(`The database has not answered for ${seconds} s.`), { code: 'ETIMEDOUT' }));
    }, checkEveryMs).unref();
    this.once('close', () => clearInterval(timer));
  }

  override _write(...parts: Parameters<Socket['_write']>): void {
    this.#sentAt = performance.now();
    super._write(...parts);
  }

  override push(...parts: Parameters<Socket['push']>): boolean {
    this.#receivedAt = performance.now();
    return super.push(...parts);
  }
}

/** Where postgres.js wants to connect to, by its own options. */
interface Target {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** A Unix socket, instead. */
  readonly path?: string;
}

/**
 * What postgres.js is to connect with (its option `socket`), so that a PostgreSQL that stands still, or to which the way is cut without
 * a word, is noticed: a query fails as one whose connection was lost, instead of waiting for as long as the system keeps the connection.
 *
 * @param silenceMs how long a statement may take until its first byte comes back
 */
export function watchedSockets(silenceMs: number): (target: Target) => Socket {
  return function openSocket({ host: [host = '127.0.0.1'], port: [port = 5432], path }) {
    // postgres.js compares the server's certificate with `host`.
    const socket = Object.assign(new WatchedSocket(silenceMs), { host });
    // What is written before the connection stands is sent then.
    return path ? socket.connect(path) : socket.connect(port, host);
  };
}
