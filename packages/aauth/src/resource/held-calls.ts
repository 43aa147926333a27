import { toBase64url } from '../base64url.ts';
import { type Clock, type Sleep, systemSleep } from '../clock.ts';
import { pendingResponse } from '../deferred/pending-response.ts';
import { createPollPace } from '../deferred/poll-pace.ts';
import { parsePrefer } from '../deferred/prefer.ts';
import { type AAuthError, DeferredError, RateLimitError, RequestError, UnavailableError } from '../errors.ts';
import { problemResponse } from '../problem.ts';
import type { RequirementInit } from '../requirement.ts';
import { type Caller, isSameCaller } from './deferred-challenge.ts';

/** How many calls are kept, and for how long. */
export interface HeldCallsOptions {
  readonly now: Clock;
  readonly sleep?: Sleep;
  /** Where held calls are polled: their `Location` is this and their identifier. Default `/pending/`. */
  readonly path?: string;
  /** Seconds that a result is kept. Default 3,600: no person or auth token lives longer. */
  readonly keepFor?: number;
  /** Seconds that a poll is held at most, however long its `Prefer: wait` would have it. Default 30. */
  readonly maxWait?: number;
  /** Calls that are held or kept at one time. Default 1,000. */
  readonly maxCalls?: number;
  /** Calls of one caller that are held at one time. Default 20. */
  readonly maxPerCaller?: number;
}

/** A call whose caller has been told to come back for the answer. */
export interface HeldCall {
  /** 128 random bits. */
  readonly id: string;
  /**
   * What the caller is told from now on.
   *
   * @param expiresAt until when the call is held at least, in seconds since the epoch; stays as it was when it is left out
   */
  require(requirement: RequirementInit | undefined, expiresAt?: number): void;
  /** Ends the call: this is its result. Cancels it, like its caller could. */
  fail(error: AAuthError): void;
  /** The 202 as it stands. */
  response(): Response;
}

/** Calls that take longer than their callers should be kept waiting for. Made by {@link createHeldCalls}. */
export interface HeldCalls {
  /**
   * Holds a call.
   *
   * @param call.response the answer, once there is one; a rejection becomes a problem response
   * @param call.cancel called when nobody wants the answer any more
   * @throws RateLimitError `rate_limited` when the caller has too many, UnavailableError when there are too many in all
   */
  hold(call: { readonly caller: Caller; readonly response: Promise<Response>; readonly cancel?: () => void }): HeldCall;
  /**
   * Answers a GET or DELETE of a held call: 202 while it goes on, the result, again and again, once it is there; 204 for a DELETE, which
   * cancels the call.
   *
   * @param request its `Prefer: wait` is honoured
   * @param caller who is polling, verified
   * @throws RequestError `not_found` (404) when it is somebody else's; DeferredError `gone` (410) when nothing is kept, or not any more;
   *   RateLimitError `slow_down` when `Retry-After` was not heeded
   */
  answer(request: Request, id: string, caller: Caller): Promise<Response>;
}

interface Entry {
  readonly caller: Caller;
  readonly cancel: () => void;
  requirement: RequirementInit | undefined;
  expiresAt: number | undefined;
  result: (() => Response) | undefined;
  /** Until when the result is kept. */
  until: number;
  /** Counts what there was to tell, and how much of it has been told. */
  version: number;
  told: number;
  news: PromiseWithResolvers<void>;
}

const retryAfter = 2;

/**
 * Keeps calls in memory until they are answered, and their results for as long as their callers' tokens can live (AAuth Protocol,
 * "Deferred Responses", "Interaction Chaining"). Only the same caller gets to them: the same key, for the same person.
 *
 * Does NOT survive a restart, and another process knows nothing of them: a caller is then answered 410 `gone` and has to call again.
 * Does NOT verify who calls: that is settled before.
 * Making it never throws.
 *
 * @param options the time, and how many calls are kept for how long
 * @returns no calls yet
 */
export function createHeldCalls(options: HeldCallsOptions): HeldCalls {
  const { now, sleep = systemSleep, path = '/pending/', keepFor = 3600, maxWait = 30 } = options;
  const { maxCalls = 1000, maxPerCaller = 20 } = options;
  const entries = new Map<string, Entry>();
  const pace = createPollPace({ now });

  function makeRoom(caller: Caller): void {
    for (const [id, { until }] of entries) if (until <= now()) entries.delete(id);
    const held = [...entries.values()].filter((entry) => !entry.result && isSameCaller(entry.caller, caller));
    if (held.length >= maxPerCaller) {
      throw new RateLimitError('rate_limited', `${held.length} calls of yours are being held; finish those first.`, 30);
    }
    if (entries.size < maxCalls) return;
    const [oldest] = [...entries].find(([, { result }]) => result) ?? [];
    if (oldest === undefined) throw new UnavailableError('Too many calls are being held.', { retryAfter: 30 });
    entries.delete(oldest);
  }

  function tell(entry: Entry, change: Partial<Entry>): void {
    Object.assign(entry, change);
    entry.version += 1;
    entry.news.resolve();
    entry.news = Promise.withResolvers();
  }

  function end(entry: Entry, result: () => Response): void {
    if (!entry.result) tell(entry, { result, until: now() + keepFor });
  }

  function pendingOf(id: string, entry: Entry): Response {
    const { requirement, expiresAt } = entry;
    const members = expiresAt === undefined ? {} : { expires_at: new Date(expiresAt * 1000).toISOString() };
    const { status, headers, body } = pendingResponse({ location: `${path}${id}`, retryAfter, requirement, members });
    entry.told = entry.version;
    pace.note(id);
    return new Response(body, { status, headers });
  }

  async function waitForNews(entry: Entry, seconds: number, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const tired = sleep(seconds, AbortSignal.any([signal, enough.signal])).catch(() => {});
    await Promise.race([entry.news.promise, tired]);
    enough.abort();
  }

  return {
    hold({ caller, response, cancel = () => {} }) {
      makeRoom(caller);
      const id = randomId();
      const entry: Entry = {
        caller,
        cancel,
        requirement: undefined,
        expiresAt: undefined,
        result: undefined,
        until: Number.POSITIVE_INFINITY,
        version: 0,
        told: 0,
        news: Promise.withResolvers(),
      };
      entries.set(id, entry);
      record(response).then(
        (result) => end(entry, result),
        (error: unknown) => end(entry, () => problemResponse(error)),
      );
      return {
        id,
        require(requirement, expiresAt = entry.expiresAt) {
          if (!entry.result) tell(entry, { requirement, expiresAt });
        },
        fail(error) {
          if (entry.result) return;
          end(entry, () => problemResponse(error));
          cancel();
        },
        response: () => pendingOf(id, entry),
      };
    },

    async answer(request, id, caller) {
      const entry = entries.get(id);
      if (!entry || entry.until <= now()) throw gone();
      if (!isSameCaller(entry.caller, caller)) {
        throw new RequestError('not_found', 'Nothing is kept here for you.', { status: 404 });
      }
      if (request.method === 'DELETE') {
        const isOver = entry.result !== undefined;
        entries.delete(id);
        end(entry, () => problemResponse(gone()));
        if (!isOver) entry.cancel();
        return new Response(null, { status: 204 });
      }
      if (!entry.result) pace.check(id);
      const wait = Math.min(parsePrefer(request.headers.get('prefer')) ?? 0, maxWait);
      if (!entry.result && entry.told === entry.version && wait > 0) await waitForNews(entry, wait, request.signal);
      return entry.result?.() ?? pendingOf(id, entry);
    },
  };
}

/** Reads a response to its end, so that it can be sent more than once. */
async function record(promise: Promise<Response>): Promise<() => Response> {
  const response = await promise;
  const { status } = response;
  const headers = [...response.headers];
  const body = await response.arrayBuffer();
  return () => new Response(body.byteLength > 0 ? body : null, { status, headers });
}

function randomId(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(16)));
}

function gone(): DeferredError {
  return new DeferredError('gone', 'Nothing is kept here, or not any more: call again.');
}
