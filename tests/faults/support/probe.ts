/**
 * Loaded into a process with `--import`: gives it a clock that a test can move, as an operator or a virtual machine that was suspended
 * does, and tells what the process holds on to. Timers go on as they do when a real clock is moved.
 *
 * Listens on the Unix socket in `PROBE_SOCKET` for lines: `clock <seconds ahead>`, `measure`. The answer is a line of JSON.
 */
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { measure } from './measure.ts';

const socketPath = process.env.PROBE_SOCKET;
if (!socketPath) throw new TypeError('PROBE_SOCKET is where the probe listens.');
// Of the process that was probed and of no other.
delete process.env.PROBE_SOCKET;
delete process.env.NODE_OPTIONS;

const RealDate = Date;
let ahead = 0;

const now = () => RealDate.now() + ahead * 1000;
globalThis.Date = new Proxy(RealDate, {
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  construct: (target, parts, newTarget) => Reflect.construct(target, parts.length === 0 ? [now()] : parts, newTarget),
  apply: () => new RealDate(now()).toString(),
});

const server = createServer((socket) => {
  socket.unref();
  createInterface(socket).on('line', async (line) => {
    const [command, value] = line.split(' ');
    if (command === 'clock') ahead = Number(value);
    socket.write(`${JSON.stringify(command === 'measure' ? await measure() : {})}\n`);
  });
});
server.listen(socketPath).unref();
