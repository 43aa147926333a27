import type { Clock, Sleep } from '../clock.ts';
import type { BufferedRequest } from './buffered-request.ts';

// Half of the window in which verifiers accept a signature, so that a clock a little off does no harm.
const furthestAhead = 30;
const safeMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** Chooses the `created` of a signature, in whole seconds by our own clock. */
export type CreatedSequence = (request: BufferedRequest) => Promise<number>;

/**
 * Makes sure that no two state-changing requests alike bear the same `created`. Ed25519 is deterministic, so the second would be
 * the first one byte for byte, and a verifier would refuse it as a replay. Repeats within one second are dated ahead, each a
 * second later than the one before; beyond 30 s they wait.
 */
export function createdSequence(now: Clock, sleep: Sleep): CreatedSequence {
  const latest = new Map<string, number>();
  return async ({ message, url, headers, signal }) => {
    if (safeMethods.includes(message.method)) return Math.floor(now());
    const request = `${message.method} ${url.href} ${headers.get('content-digest')}`;
    const last = latest.get(request) ?? 0;
    // Nothing is ever dated further ahead than that: when it seems so, the clock was set back, and there is nothing to wait for.
    const created = Math.max(Math.floor(now()), last > now() + furthestAhead + 1 ? 0 : last + 1);
    // Re-inserted, so that the map stays in the order of last use and stale entries gather at its head.
    latest.delete(request);
    latest.set(request, created);
    for (const [stale, time] of latest) {
      if (time >= Math.floor(now())) break;
      latest.delete(stale);
    }
    const wait = created - furthestAhead - now();
    if (wait > 0) await sleep(wait, signal);
    return created;
  };
}
