import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import type { EgressFetch, EgressResponse } from '../discovery/types.ts';
import { UnavailableError } from '../errors.ts';
import { isLoopbackHost } from '../identifiers.ts';
import { type Admission, type AdmissionOptions, createAdmission } from './admission.ts';

/** An address that a name resolved to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export interface EgressFetchOptions extends AdmissionOptions {
  /** Milliseconds for everything from resolving the name to the last byte of the body, redirects included. Default 5,000. */
  readonly timeoutMs?: number;
  /** Longest body, in bytes. Default 256 KiB. */
  readonly maxBytes?: number;
  /** Resolves a name to all its addresses. Default: the system's resolver. */
  readonly lookup?: (host: string) => Promise<readonly ResolvedAddress[]>;
}

const maxRedirects = 3;
const redirectStatuses = [301, 302, 303, 307, 308];

const loopbackAddresses: readonly ResolvedAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * Makes the fetch for URLs that a peer's data named (protocol.md §2, "Egress admission"): GET, https only, every address of the
 * name public, the connection made to exactly the addresses that were checked, redirects (three at most) on the same host only
 * and admitted anew, body and total time capped, and of a media type that was asked for. `localhost` and `*.localhost` are
 * loopback without asking a resolver (RFC 6761 §6.3) unless `localhostDns` says otherwise. Connections are not reused, so each
 * request is admitted on what its name resolves to then.
 *
 * What it returns throws {@link UnavailableError} whenever it cannot fetch. Why is in `cause` and not in the text, which leaves
 * the process: what a peer's URL leads to inside our network is none of the peer's business.
 *
 * @throws TypeError when a block in `allowPrivate` is malformed
 */
export function createEgressFetch(options: EgressFetchOptions): EgressFetch {
  const { timeoutMs = 5000, maxBytes = 256 * 1024 } = options;
  const admission = createAdmission(options);
  const dispatcher = new Agent({
    pipelining: 0,
    allowH2: false,
    connect: { timeout: timeoutMs, lookup: pinnedLookup(admission, options) },
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

// The one place that resolves: what it returns is what the socket connects to, so a name cannot change its mind in between.
// It is not asked for IP literals; `refuseUrl` has judged those.
function pinnedLookup(admission: Admission, options: EgressFetchOptions): LookupFunction {
  const { localhostDns = false, lookup = resolveAll } = options;

  async function resolve(host: string): Promise<readonly ResolvedAddress[]> {
    const addresses = isLoopbackHost(host) && !localhostDns ? loopbackAddresses : await lookup(host);
    if (addresses.length === 0) throw new Error(`${host} has no address.`);
    for (const { address } of addresses) {
      const refused = admission.refuseAddress(host, address);
      if (refused !== undefined) throw new Error(`Refused: ${refused}.`);
    }
    return addresses;
  }

  return (host, { all }, callback) => {
    resolve(host).then(
      (addresses) => {
        if (all) callback(null, [...addresses]);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}

function resolveAll(host: string): Promise<readonly ResolvedAddress[]> {
  return systemLookup(host, { all: true });
}
