import { type Clock, wasSetBack } from '../clock.ts';
import { AAuthError, UnavailableError } from '../errors.ts';
import { freshnessLifetime } from './freshness.ts';
import { jsonMediaTypes } from './json-document.ts';
import type { EgressFetch, EgressResponse } from './types.ts';

/** Seconds after a fetch that succeeded, at least (AAuth Protocol, "JWKS Discovery and Caching"). */
const fetchInterval = 60;
/** Seconds that a document is used at most, however its server fails. */
const longestUse = 24 * 60 * 60;
/** Seconds between two attempts, at most, however often they failed. */
const longestRetry = 300;

export interface CachedDocumentOptions<Value> {
  readonly fetch: EgressFetch;
  readonly now: Clock;
  /** Finds the URL. When that fails, this document has not been asked for, so no waiting time starts. */
  readonly locate: () => URL | Promise<URL>;
  /** Judges the response. A `SignatureError` also discards what is held; an `UnavailableError` does not. */
  readonly read: (url: URL, response: EgressResponse) => Value;
  /** Seconds before the second attempt when the first failed; doubles up to five minutes. */
  readonly firstRetry: number;
}

/** One document of another server, with the rules for when it is asked for again. */
export interface CachedDocument<Value> {
  /**
   * The document: held and fresh, or just fetched, or held and stale when it cannot be fetched.
   * @throws UnavailableError, or what `read` threw
   */
  get(): Promise<Value>;
  /** The same, but asks again even if what is held is fresh, unless that was done within the last minute. */
  refresh(): Promise<Value>;
}

interface Held<Value> {
  readonly value: Value;
  readonly since: number;
  readonly freshUntil: number;
}

/**
 * Keeps one document: concurrent callers share a fetch, `Cache-Control` is honoured within the bounds of `freshness.ts`, two
 * fetches are a minute apart at least and further apart the more often they fail, and a stale document stands in for one that
 * cannot be fetched, for a day at most.
 */
export function createCachedDocument<Value>(options: CachedDocumentOptions<Value>): CachedDocument<Value> {
  const { now, firstRetry } = options;
  let held: Held<Value> | undefined;
  let failure: unknown;
  let failures = 0;
  let nextFetch = 0;
  let attemptedAt = now();
  let underWay: Promise<void> | undefined;

  async function load(): Promise<void> {
    let attempted = false;
    attemptedAt = now();
    try {
      const url = await options.locate();
      attempted = true;
      const response = await fetchDocument(options.fetch, url);
      const value = options.read(url, response);
      held = { value, since: now(), freshUntil: now() + freshnessLifetime(response.headers) };
      nextFetch = now() + fetchInterval;
      failures = 0;
      failure = undefined;
    } catch (error) {
      failure = error;
      if (attempted) nextFetch = now() + Math.min(firstRetry * 2 ** failures++, longestRetry);
      // An issuer that answers with somebody else's name has not failed to answer: nothing held stands in for that.
      if (!(error instanceof UnavailableError)) held = undefined;
    }
  }

  async function loadOnce(): Promise<void> {
    underWay ??= load().finally(() => {
      underWay = undefined;
    });
    await underWay;
  }

  const isFetchDue = () => now() >= nextFetch || wasSetBack(now, attemptedAt);

  function current(): Value {
    if (held && now() < held.since + longestUse) return held.value;
    if (!(failure instanceof UnavailableError)) throw failure;
    const retryAfter = Math.max(1, Math.ceil(nextFetch - now()));
    throw new UnavailableError(failure.message, { retryAfter, cause: failure.cause });
  }

  return {
    async get() {
      if (held && now() < held.freshUntil && !wasSetBack(now, held.since)) return held.value;
      if (underWay || isFetchDue()) await loadOnce();
      return current();
    },
    async refresh() {
      if (underWay || isFetchDue()) await loadOnce();
      return current();
    },
  };
}

async function fetchDocument(fetch: EgressFetch, url: URL): Promise<EgressResponse> {
  try {
    return await fetch(url, { accept: jsonMediaTypes });
  } catch (error) {
    if (error instanceof AAuthError) throw error;
    throw new UnavailableError(`${url.href} cannot be fetched.`, { cause: error });
  }
}
