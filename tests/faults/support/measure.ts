import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a process holds on to. */
export interface Measured {
  /** Bytes on its heap and beside it, after its garbage was collected. */
  memory: number;
  /** Sockets, servers, files: all that keeps it from ending, but for timers. */
  handles: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** Measures the process that it is called in. */
export async function measure(): Promise<Measured> {
  if (typeof collectGarbage !== 'function') throw new TypeError('There is no gc().');
  // What finalizers and closing connections hold on to is gone after a turn or two.
  for (let turn = 0; turn < 3; turn++) {
    await setImmediate();
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'Immediate').length;
  return { memory: heapUsed + external, handles };
}
