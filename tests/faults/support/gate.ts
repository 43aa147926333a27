import { once } from 'node:events';
import {
  type Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';

/** A message that comes to a gate: a request on its way to the service, or the service's answer on its way back. */
export interface Passing {
  kind: 'request' | 'answer';
  method: string;
  /** Without the query. */
  path: string;
  /** Of the request, also for an answer. */
  headers: IncomingHttpHeaders;
  /** Of an answer; 0 for a request. */
  status: number;
  /** `AAuth-Requirement` of an answer. */
  requirement?: string;
}

/** A message that was stopped. */
interface Held {
  passing: Passing;
  /** Lets it pass, if there still is somebody at both ends. */
  release(): void;
}

/** Stands where a service's peers expect it, passes everything on to where it really is, and can stop a message. */
export interface Gate {
  /** Stops the next message that fits. */
  hold(fits: (passing: Passing) => boolean): Promise<Held>;
  /** Forgets whatever was to be stopped and lets pass what was. */
  releaseAll(): void;
  /** What has passed so far, in this order. */
  passed(): readonly Passing[];
  /** As if the service had ended: every connection is reset, new ones are refused. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

export interface GateOptions {
  /** Where peers expect the service. */
  port: number;
  /** The port where it is; undefined while it is nowhere. */
  target: () => number | undefined;
  /** Keeps connections to the service, as a balancer does. Without it every request has its own. */
  connections?: Agent;
}

interface Hold {
  fits: (passing: Passing) => boolean;
  stopped: PromiseWithResolvers<Held>;
  release: PromiseWithResolvers<void>;
}

export async function openGate({ port, target, connections }: GateOptions): Promise<Gate> {
  const passed: Passing[] = [];
  const holds = new Set<Hold>();
  const released = new Set<Hold>();
  const sockets = new Set<Socket>();
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (incoming, outgoing) => {
    void forward(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.requestTimeout = 0;
  // Peers close what they no longer need.
  server.keepAliveTimeout = 600_000;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  async function pass(passing: Passing): Promise<void> {
    passed.push(passing);
    const hold = [...holds].find(({ fits }) => fits(passing));
    if (!hold) return;
    holds.delete(hold);
    released.add(hold);
    hold.stopped.resolve({ passing, release: hold.release.resolve });
    await hold.release.promise;
    released.delete(hold);
  }

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '', headers, rawHeaders } = incoming;
    const about = { method, path: url.split('?')[0] ?? '', headers };
    await pass({ ...about, kind: 'request', status: 0 });
    const port = target();
    if (outgoing.destroyed || port === undefined) return void outgoing.destroy();
    const onward = request({
      host: '127.0.0.1',
      port,
      method,
      path: url,
      headers: endToEnd(rawHeaders),
      agent: connections ?? false,
    });
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
    const [answer]: IncomingMessage[] = await once(onward, 'response');
    if (!answer) return;
    for (const source of [onward, answer]) source.on('error', () => outgoing.destroy());
    const status = answer.statusCode ?? 0;
    const requirement = answer.headers['aauth-requirement']?.toString();
    await pass({ ...about, kind: 'answer', status, requirement });
    outgoing.writeHead(status, endToEnd(answer.rawHeaders));
    outgoing.flushHeaders();
    answer.pipe(outgoing);
  }

  async function open(): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }

  async function shut(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  }

  await open();
  return {
    hold(fits) {
      const hold = { fits, stopped: Promise.withResolvers<Held>(), release: Promise.withResolvers<void>() };
      holds.add(hold);
      return hold.stopped.promise;
    },
    releaseAll() {
      holds.clear();
      for (const { release } of released) release.resolve();
    },
    passed: () => passed,
    shut,
    open,
  };
}

const hopByHop = ['connection', 'keep-alive'];

function endToEnd(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, at) => !hopByHop.includes((rawHeaders[at - (at % 2)] ?? '').toLowerCase()));
}
