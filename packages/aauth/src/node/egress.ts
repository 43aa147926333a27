import { Agent, type Dispatcher, request } from 'undici';
import type { EgressFetch, EgressResponse } from '../discovery/types.ts';
import { UnavailableError } from '../errors.ts';
import { type Admission, createAdmission } from './admission.ts';
import { type AdmittedLookupOptions, admittedLookup } from './admitted-lookup.ts';

/** Which addresses are admitted, and how much a peer may send in how much time. */
export interface EgressFetchOptions extends AdmittedLookupOptions {
  /** Milliseconds for everything from resolving the name to the last byte of the body, redirects included. Default 5,000. */
  readonly timeoutMs?: number;
  /** Longest body, in bytes. Default 256 KiB. */
  readonly maxBytes?: number;
}

const maxRedirects = 3;
const redirectStatuses = [301, 302, 303, 307, 308];

/**
 * Makes the fetch for URLs that a peer's data named under egress admission: GET, https only, every address of the
 * name public, the connection made to exactly the addresses that were checked, redirects (three at most) on the same host only
 * and admitted anew, body and total time capped, and of a media type that was asked for. `localhost` and `*.localhost` are
 * loopback without asking a resolver (RFC 6761 §6.3) unless `localhostDns` says otherwise. Connections are not reused, so each
 * request is admitted on what its name resolves to then.
 *
 * What it returns throws {@link UnavailableError} whenever it cannot fetch. Why is in `cause` and not in the text, which leaves
 * the process: what a peer's URL leads to inside our network is none of the peer's business.
 *
 * @param options which addresses are admitted, and how much a peer may send in how much time
 * @returns the fetch
 * @throws TypeError when a block in `allowPrivate` is malformed
 */
export function createEgressFetch(options: EgressFetchOptions): EgressFetch {
  const { timeoutMs = 5000, maxBytes = 256 * 1024 } = options;
  const admission = createAdmission(options);
  const dispatcher = new Agent({
    pipelining: 0,
    allowH2: false,
    connect: { timeout: timeoutMs, lookup: admittedLookup(admission, options) },
  });

  return async function egressFetch(url, { accept, signal } = {}) {
    const deadline = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
    const settings = {
      dispatcher,
      signal: deadline,
      headers: { accept: accept ?? '*/*', 'accept-encoding': 'identity' },
    };
    try {
      const response = await follow(url, admission, settings);
      return await readResponse(response, accept, maxBytes);
    } catch (cause) {
      throw new UnavailableError(`${url.origin}${url.pathname} cannot be fetched from here.`, { cause });
    }
  };
}

interface RequestSettings {
  readonly dispatcher: Agent;
  readonly signal: AbortSignal;
  readonly headers: Record<string, string>;
}

async function follow(start: URL, admission: Admission, settings: RequestSettings): Promise<Dispatcher.ResponseData> {
  let url = start;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const refused = admission.refuseUrl(url);
    if (refused !== undefined) throw new Error(`Refused: ${refused}.`);
    const response = await request(url, settings);
    if (!redirectStatuses.includes(response.statusCode)) return response;
    discard(response.body);
    url = redirectTarget(url, response.headers.location);
  }
  throw new Error(`Refused: more than ${maxRedirects} redirects.`);
}

function redirectTarget(url: URL, location: string | string[] | undefined): URL {
  const target = typeof location === 'string' ? URL.parse(location, url) : null;
  if (!target) throw new Error('Refused: a redirect without a usable Location.');
  if (target.origin !== url.origin) throw new Error(`Refused: a redirect from ${url.origin} to ${target.origin}.`);
  return target;
}

async function readResponse(
  { statusCode, headers: received, body }: Dispatcher.ResponseData,
  accept: string | undefined,
  maxBytes: number,
): Promise<EgressResponse> {
  const headers = new Headers(
    Object.entries(received).flatMap(([name, values]) =>
      [values ?? []].flat().map((value): [string, string] => [name, value]),
    ),
  );
  try {
    if (statusCode === 200) checkMediaType(headers, accept);
    return { status: statusCode, headers, body: await readBody(body, maxBytes) };
  } finally {
    discard(body);
  }
}

// Leaving a body unread is an error to undici, reported as an event that nobody else listens for.
function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => undefined).destroy();
}

function checkMediaType(headers: Headers, accept: string | undefined): void {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') throw new Error(`Refused: content-encoding ${encoding}.`);
  if (accept === undefined) return;
  const mediaType = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (!accept.split(',').some((accepted) => accepted.trim() === mediaType)) {
    throw new Error(`Refused: content-type ${mediaType} where ${accept} was asked for.`);
  }
}

async function readBody(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new Error(`Refused: the body is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
