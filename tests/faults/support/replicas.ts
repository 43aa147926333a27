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

/**
 * Asks each replica several times a second whether it is ready, as a balancer does, and sends it nothing from the first "no" to the
 * next "yes". It never tries a request again.
 */
export function balance(replicas: readonly Replica[]): Balancing {
  const ready = new Set<Replica>();
  const asked = new Set<Replica>();
  let turn = 0;
  async function look(replica: Replica): Promise<void> {
    if (asked.has(replica)) return;
    asked.add(replica);
    const isReady = await isOk(`${replica.process.health}/readyz`);
    asked.delete(replica);
    if (isReady) ready.add(replica);
    else ready.delete(replica);
  }
  const timers = replicas.map((replica) => setInterval(look, intervalMs, replica));
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

// However long it takes: on a busy machine, slow is not gone.
async function isOk(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}
