import { answers } from '../../../scripts/src/wait-for.ts';
import type { ServiceProcess } from './service-process.ts';

/** One of several processes of the same service, and the port it takes requests on. */
export interface Replica {
  process: ServiceProcess;
  port: number;
}

export interface Balancing {
  /** The port for the next request: that of each ready replica in turn. */
  next(): number | undefined;
  /** Whether requests go to a replica at present. */
  uses(replica: Replica): boolean;
  stop(): void;
}

const intervalMs = 100;

/** Asks each replica several times a second whether it is ready, as a balancer does, and never tries a request again. */
export function balance(replicas: readonly Replica[]): Balancing {
  const ready = new Set<Replica>();
  let turn = 0;
  const timers = replicas.map((replica) => {
    const look = async () => {
      if (await answers(`${replica.process.health}/readyz`)) ready.add(replica);
      else ready.delete(replica);
    };
    return setInterval(look, intervalMs);
  });
  return {
    next() {
      const usable = replicas.filter((replica) => ready.has(replica));
      turn += 1;
      return usable[turn % usable.length]?.port;
    },
    uses: (replica) => ready.has(replica),
    stop: () => timers.forEach(clearInterval),
  };
}
