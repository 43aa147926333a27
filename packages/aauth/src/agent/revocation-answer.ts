import type { Clock } from '../clock.ts';
import { parseRetryAfter } from '../deferred/retry-after.ts';
import { peerText } from '../peer-text.ts';
import { readJsonObject } from '../response-body.ts';

/** What one attempt to have a token revoked by another server has led to. */
export interface RevocationOutcome {
  /**
   * - `delivered`: taken.
   * - `pending`: taken, but the recipient still works on it; ask on at `pendingUrl`.
   * - `refused`: 400 or 403 (`unsupported_iss`); asked again, it would say the same.
   * - `unsupported`: its metadata names no endpoint that can be used.
   * - `failed`: anything else; to be tried again from the start.
   */
  readonly state: 'delivered' | 'pending' | 'refused' | 'unsupported' | 'failed';
  /** Why it is not, or not everywhere, revoked, in at most 300 characters. */
  readonly error?: string;
  /** What was thrown. For logs only: it may tell what our network looks like. */
  readonly cause?: unknown;
  readonly pendingUrl?: string;
  /** Seconds that the recipient asks to wait. */
  readonly retryAfter?: number;
}

const defaultRetryAfter = 5;
const slowDown = 5;
const maxErrorLength = 300;
// 502 and 504 are a gateway's word about one poll, not the server's about the request.
const keepPolling = [429, 502, 503, 504];

/**
 * Judges the answer to `POST revocation_endpoint` (AAuth Protocol, "Token Revocation").
 *
 * @param url where the request went
 */
export async function readRevocationAnswer(response: Response, url: URL, now: Clock): Promise<RevocationOutcome> {
  const body = (await readJsonObject(response)) ?? {};
  return judge(response, body, url, now);
}

/** The same for a poll of a revocation that the recipient had answered with 202. An end without a result is `failed`. */
export async function readRevocationPoll(response: Response, url: URL, now: Clock): Promise<RevocationOutcome> {
  const body = (await readJsonObject(response)) ?? {};
  const { status } = response;
  if (status === 202) return judgePending(response, url, now, url);
  if (!keepPolling.includes(status)) return judge(response, body, url, now);
  const seconds = (retryAfterOf(response, now) ?? 0) + (status === 429 ? slowDown : 0);
  return { state: 'pending', pendingUrl: url.href, error: describe(status, body), retryAfter: seconds };
}

type Body = Readonly<Record<string, unknown>>;

function judge(response: Response, body: Body, url: URL, now: Clock): RevocationOutcome {
  const { status } = response;
  if (status === 202) return judgePending(response, url, now);
  if (response.ok) return { state: 'delivered', error: downstreamErrors(body) };
  const error = describe(status, body);
  if (status === 400 || status === 403) return { state: 'refused', error };
  return { state: 'failed', error, retryAfter: retryAfterOf(response, now) };
}

function judgePending(response: Response, url: URL, now: Clock, known?: URL): RevocationOutcome {
  const header = response.headers.get('location');
  const location = header === null ? known : URL.parse(header, url);
  if (location?.origin !== url.origin) {
    return { state: 'failed', error: 'the 202 names no place to poll on its own origin' };
  }
  return { state: 'pending', pendingUrl: location.href, retryAfter: retryAfterOf(response, now) ?? defaultRetryAfter };
}

function retryAfterOf({ headers }: Response, now: Clock): number | undefined {
  return parseRetryAfter(headers.get('retry-after'), now);
}

function describe(status: number, { error, detail }: Body): string {
  const code = typeof error === 'string' ? ` ${error}` : '';
  const said = typeof detail === 'string' ? ` (${detail})` : '';
  return peerText(`${status}${code}${said}`, maxErrorLength);
}

function downstreamErrors({ downstream }: Body): string | undefined {
  if (!Array.isArray(downstream)) return undefined;
  const failed = downstream.map(downstreamError).filter((text) => text !== undefined);
  return failed.length > 0 ? peerText(`not passed on to ${failed.join(', ')}`, maxErrorLength) : undefined;
}

function downstreamError(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || !('error' in entry) || typeof entry.error !== 'string')
    return undefined;
  const recipient = 'recipient' in entry && typeof entry.recipient === 'string' ? entry.recipient : 'somebody';
  return `${recipient}: ${entry.error}`;
}
