import type { Clock } from '@aauth-stack/aauth/clock';
import { parseRetryAfter } from '@aauth-stack/aauth/deferred';
import { z } from 'zod';
import type { RevocationState } from '../db/schema.ts';

/** What one attempt to revoke a token at a recipient has led to. */
export interface Outcome {
  state: Exclude<RevocationState, 'expired'>;
  /** Why it is not, or not everywhere, revoked. */
  error?: string;
  /** What was thrown, for the log. */
  cause?: unknown;
  /** Where to ask on, in state `pending`. */
  pendingUrl?: string;
  /** Seconds that the recipient asks to wait. */
  retryAfter?: number;
}

/** An answer, its body read. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The URL that was asked. */
  url: URL;
}

const defaultRetryAfter = 5;
const maxErrorLength = 300;

const problem = z.object({ error: z.string(), detail: z.string() }).partial();
const downstream = z.object({ downstream: z.array(z.object({ recipient: z.string(), error: z.string().optional() })) });

/** Judges the answer to `POST revocation_endpoint` (AAuth Protocol, "Token Revocation"). */
export function judgeRevocation(answer: Answer, now: Clock): Outcome {
  const { status } = answer;
  if (status === 202) return judgePending(answer, now);
  if (answer.status >= 200 && status < 300) return { state: 'delivered', error: downstreamErrors(answer) };
  const error = describe(answer);
  // Asked again, they would say the same: the caller is not one they take revocations from, or the request is no good.
  if (status === 400 || status === 403) return { state: 'refused', error };
  return { state: 'waiting', error, retryAfter: retryAfter(answer, now) };
}

/**
 * Judges the answer to a poll of a revocation that the recipient has accepted but not finished. When the pending request has
 * ended without a result, the revocation is sent again from the start.
 */
export function judgePoll(answer: Answer, now: Clock): Outcome {
  const { status, url } = answer;
  if (status === 202) return judgePending(answer, now, url);
  if ([429, 502, 503, 504].includes(status)) {
    const seconds = (retryAfter(answer, now) ?? 0) + (status === 429 ? defaultRetryAfter : 0);
    return { state: 'pending', pendingUrl: url.href, error: describe(answer), retryAfter: seconds };
  }
  return judgeRevocation(answer, now);
}

function judgePending(answer: Answer, now: Clock, known?: URL): Outcome {
  const header = answer.headers.get('location');
  const location = header === null ? known : URL.parse(header, answer.url);
  if (location?.origin !== answer.url.origin) {
    return { state: 'waiting', error: 'the 202 names no place to poll on its own origin' };
  }
  return { state: 'pending', pendingUrl: location.href, retryAfter: retryAfter(answer, now) ?? defaultRetryAfter };
}

function retryAfter({ headers }: Answer, now: Clock): number | undefined {
  return parseRetryAfter(headers.get('retry-after'), now);
}

function describe({ status, text }: Answer): string {
  const { error, detail } = problem.safeParse(parseJson(text)).data ?? {};
  return [String(status), error, detail && `(${detail})`].filter(Boolean).join(' ').slice(0, maxErrorLength);
}

function downstreamErrors({ text }: Answer): string | undefined {
  const failed = downstream.safeParse(parseJson(text)).data?.downstream.filter(({ error }) => error !== undefined);
  if (!failed || failed.length === 0) return undefined;
  const list = failed.map(({ recipient, error }) => `${recipient}: ${error}`).join(', ');
  return `not passed on to ${list}`.slice(0, maxErrorLength);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
