import type { Clock, Sleep } from '../clock.ts';
import { DeferredError, PeerError, UnavailableError } from '../errors.ts';
import { isNetworkFailure } from '../network-failure.ts';
import { parseRequirement, type Requirement } from '../requirement.ts';
import { discardBody, readJsonObject } from '../response-body.ts';
import { readOutcome } from './outcome.ts';
import type { PendingStatus } from './pending-response.ts';
import { parseRetryAfter } from './retry-after.ts';

/** The latest 202 of a pending request. */
export interface Pending {
  /** Where it is polled. */
  readonly location: URL;
  readonly status: PendingStatus;
  /** What the server asks for meanwhile; of an unknown kind, a later answer may still carry a known one. */
  readonly requirement: Requirement | undefined;
  /** Seconds that the server asks to wait, 5 when it does not say. */
  readonly retryAfter: number;
  /** Until when the server keeps the request, in seconds since the epoch, where it says so in `expires_at` (ours). */
  readonly expiresAt: number | undefined;
  /** The whole body. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** When to poll, how long, and whom to tell. */
export interface PollOptions {
  readonly now: Clock;
  readonly sleep: Sleep;
  /** When to give up, in seconds since the epoch; it may depend on the latest 202. */
  readonly deadline: number | ((latest: Pending) => number);
  readonly signal?: AbortSignal;
  /** Seconds to be held for by each poll (`Prefer: wait`). The `fetch` must be ready to wait longer than that. */
  readonly wait?: number;
  /** URL of the request that `response` answers. Default `response.url`. */
  readonly url?: string | URL;
  /** Called for the first 202 and for every later one. */
  readonly onPending?: (pending: Pending) => void;
  /**
   * Called after `onPending`: does what the server requires, where that is anything but waiting. `true` says that it has been done,
   * and the next poll follows at once. What it throws ends the polling.
   */
  readonly satisfy?: (pending: Pending) => Promise<boolean>;
  /** Called when a poll did not reach the server; it is repeated. */
  readonly onUnreachable?: (error: unknown) => void;
}

const defaultRetryAfter = 5;
const slowDown = 5;
// 502 and 504 only reach this list without the server's own code, as the word of a gateway in front of it.
const keepPolling = [429, 502, 503, 504];
const longestBackoff = 30;
// A server may say Retry-After: 0 and mean its long poll; without one, that must not become a busy loop.
const shortestInterval = 1;

/**
 * Polls a deferred response until it ends (AAuth Protocol, "Deferred Responses"): GETs of `Location` without the body of the
 * original request, in the rhythm that the server asks for, at most one a second. A 429 slows down by 5 s for good; a 503, a
 * gateway's error and an unreachable server are tried again until the deadline. There is no limit on the number of polls.
 *
 * Does not judge the result: a response that is neither pending nor a terminal error is handed over with its body unread,
 * whatever its status (a held call's own 404, a 401 with a requirement).
 *
 * Aborted with a DeferredError `abandoned` as the signal's reason, the request is taken back with a DELETE, whose answer nobody waits
 * for. Aborted for another reason, it stays with the server until it expires.
 *
 * @param fetch signs as the agent that made the original request
 * @param response the answer to the original request; returned unchanged unless it is a 202
 * @param options the time, when to give up, and what is told meanwhile
 * @returns the response that ends it
 * @throws DeferredError the outcome; `expired` also when the deadline passes first
 * @throws PeerError a terminal error of another kind, or `invalid_response` for a 202 without a `Location` on its own origin
 * @throws the signal's reason when it is aborted
 */
export async function poll(
  fetch: typeof globalThis.fetch,
  response: Response,
  options: PollOptions,
): Promise<Response> {
  if (response.status !== 202) return response;
  const { now, sleep, deadline, signal, wait, onPending, onUnreachable, satisfy } = options;
  const base = new URL(options.url ?? response.url);
  let pending = await readPending(response, base, now);
  onPending?.(pending);
  const headers = wait === undefined ? undefined : { prefer: `wait=${wait}` };
  let penalty = 0;
  let failures = 0;
  let delay = 0;

  try {
    delay = (await satisfy?.(pending)) ? 0 : pending.retryAfter;
    return await pollOn();
  } catch (error) {
    if (isTakenBack(signal)) void takeBack();
    throw error;
  }

  async function pollOn(): Promise<Response> {
    for (;;) {
      const remaining = (typeof deadline === 'number' ? deadline : deadline(pending)) - now();
      if (remaining <= 0) throw givenUp(pending);
      await sleep(Math.min(delay, remaining), signal);
      const startedAt = now();
      const answer = await attempt();
      if ('failure' in answer) {
        onUnreachable?.(answer.failure);
        delay = Math.min(2 ** failures, longestBackoff) + penalty;
        failures += 1;
        continue;
      }
      if (answer.result) return answer.result;
      if (answer.slowDown) penalty += slowDown;
      failures = 0;
      const taken = Math.max(0, now() - startedAt);
      delay = Math.max(answer.interval + penalty, shortestInterval - taken);
      if (!answer.pending) continue;
      pending = answer.pending;
      onPending?.(pending);
      if (await satisfy?.(pending)) delay = 0;
    }
  }

  async function takeBack(): Promise<void> {
    try {
      await discardBody(await fetch(pending.location, { method: 'DELETE', redirect: 'manual' }));
    } catch {
      // The server ends the request by itself later.
    }
  }

  async function attempt(): Promise<Answer | { readonly failure: unknown }> {
    try {
      return await judge(await fetch(pending.location, { headers, redirect: 'manual', signal }));
    } catch (error) {
      if (signal?.aborted || !isUnreachable(error)) throw error;
      return { failure: error };
    }
  }

  async function judge(response: Response): Promise<Answer> {
    if (response.status === 202) {
      const latest = await readPending(response, base, now, pending.location);
      return { pending: latest, interval: latest.retryAfter };
    }
    const outcome = await readOutcome(response);
    if (outcome) throw outcome;
    if (!keepPolling.includes(response.status)) return { result: response, interval: 0 };
    await discardBody(response);
    const interval = parseRetryAfter(response.headers.get('retry-after'), now) ?? pending.retryAfter;
    return { interval, slowDown: response.status === 429 };
  }
}

function isTakenBack(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && signal.reason instanceof DeferredError && signal.reason.code === 'abandoned';
}

/** What one poll brought. */
interface Answer {
  readonly result?: Response;
  readonly pending?: Pending;
  /** Seconds that the server asks to wait. */
  readonly interval: number;
  readonly slowDown?: boolean;
}

async function readPending(response: Response, base: URL, now: Clock, known?: URL): Promise<Pending> {
  const location = readLocation(response, base) ?? known;
  const requirement = parseRequirement(response.headers.get('aauth-requirement'));
  const retryAfter = parseRetryAfter(response.headers.get('retry-after'), now) ?? defaultRetryAfter;
  const body = (await readJsonObject(response)) ?? {};
  if (!location) throw new PeerError('invalid_response', 502, `The 202 of ${base.origin} has no Location to poll.`);
  const status = body.status === 'interacting' ? 'interacting' : 'pending';
  return { location, status, requirement, retryAfter, expiresAt: readMoment(body.expires_at), body };
}

function readMoment(value: unknown): number | undefined {
  const milliseconds = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

function readLocation(response: Response, base: URL): URL | undefined {
  const header = response.headers.get('location');
  if (header === null) return undefined;
  const location = URL.parse(header, base);
  if (location?.origin === base.origin) return location;
  // The poll is signed with the agent's token, so it goes nowhere but to the server that was asked.
  throw new PeerError('invalid_response', 502, `The 202 of ${base.origin} names another origin to poll: "${header}".`);
}

function isUnreachable(error: unknown): boolean {
  return isNetworkFailure(error) || error instanceof UnavailableError;
}

function givenUp(pending: Pending): DeferredError {
  return new DeferredError(
    'expired',
    `Gave up waiting for ${pending.location.origin}: the request was still ${pending.status} at the deadline.`,
  );
}
