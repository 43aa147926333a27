import { DeferredError, type DeferredOutcome, deferredOutcomes, PeerError } from '../errors.ts';
import { peerText, readErrorCode } from '../peer-text.ts';
import { readJsonObject } from '../response-body.ts';

// What a status means when the body has no code (AAuth Protocol, "Deferred Response State Machine").
const outcomeOfStatus: Readonly<Record<number, DeferredOutcome>> = {
  403: 'denied',
  408: 'expired',
  410: 'gone',
  500: 'server_error',
};

/**
 * Judges the answer to a poll: the error that ends a pending request, if it is one.
 *
 * @returns `DeferredError` with the outcome that the body names, or that the status stands for when there is no code;
 *   `PeerError` for a terminal status with a code of another kind; `undefined`, with the body unread except for a 502,
 *   when the answer is no terminal error
 */
export async function readOutcome(response: Response): Promise<DeferredError | PeerError | undefined> {
  const { status } = response;
  const fallback = outcomeOfStatus[status];
  if (fallback === undefined && status !== 502) return undefined;
  const { error, detail } = (await readJsonObject(response)) ?? {};
  const code = readErrorCode(error);
  const words = typeof detail === 'string' ? peerText(detail) : undefined;
  const said = words === undefined ? '' : ` ${words}`;
  const cause = { url: response.url, status, code };
  if (isOutcome(code) && deferredOutcomes[code] === status) {
    return new DeferredError(code, words ?? `The pending request ended: ${code}.`, cause);
  }
  // A 502 without the code is some gateway's word about one poll, not the server's about the request.
  if (fallback === undefined) return undefined;
  if (code !== undefined) {
    return new PeerError(code, status, `The pending request ended with status ${status}.${said}`, { cause });
  }
  return new DeferredError(fallback, `The pending request ended with status ${status}.${said}`, cause);
}

function isOutcome(code: string | undefined): code is DeferredOutcome {
  return code !== undefined && Object.hasOwn(deferredOutcomes, code);
}
