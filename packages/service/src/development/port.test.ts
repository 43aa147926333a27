import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StartupError } from '../startup-error.ts';
import { portIsFree } from './port.ts';

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0 };
}

test('a port that an outgoing connection borrowed is waited for', async () => {
  const { server, port } = await listen();
  const outgoing = connect(port, '127.0.0.1');
  await once(outgoing, 'connect');
  let isFree = false;
  const waiting = portIsFree(outgoing.localPort ?? 0).then(() => {
    isFree = true;
  });
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  expect(isFree).toBe(false);
  // A reset leaves no TIME_WAIT behind.
  outgoing.resetAndDestroy();
  await waiting;
  server.close();
});

test('a port that somebody listens on is refused at once', async () => {
  const { server, port } = await listen();
  const holder = process.platform === 'linux' ? `pid ${process.pid} ` : 'another process';
  await expect(portIsFree(port)).rejects.toThrow(StartupError);
  await expect(portIsFree(port)).rejects.toThrow(`Port ${port} for PostgreSQL is taken by ${holder}`);
  server.close();
});
