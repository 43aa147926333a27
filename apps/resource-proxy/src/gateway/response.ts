import type { ServerResponse } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ProblemResponse } from '@aauth-stack/aauth/problem';
import type { Dispatcher } from 'undici';
import { publicCard } from '../a2a/agent-card.ts';
import { withCors } from './cors.ts';
import { responseHeaders } from './forwarded-headers.ts';
import { passOn } from './pass-on.ts';

type Headers = Readonly<Record<string, string | string[]>>;
type Cors = Readonly<Record<string, string>>;

/** What a response passes through on its way; undefined leaves it as it is. */
type ResponseFilter = (contentType: string) => Transform | undefined;

const maxCardBytes = 256 * 1024;

/** Sends a refusal. A response that has begun cannot be taken back: it is broken off instead. */
export function sendProblem(response: ServerResponse, { status, headers, body }: ProblemResponse, cors: Cors): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, withCors({ ...headers, ...contentLength(body) }, cors)).end(body);
}

/**
 * Passes a backend's response on piece by piece. When either side breaks off, so does the other.
 *
 * @param cardOrigin set when an agent card is expected, whose URLs are to be on this origin
 * @param filter what a response of this type passes through on its way
 */
export async function relay(
  upstream: Dispatcher.ResponseData,
  response: ServerResponse,
  { cors, cardOrigin, filter }: { cors: Cors; cardOrigin?: string | undefined; filter?: ResponseFilter | undefined },
): Promise<void> {
  const headers = withCors(responseHeaders(upstream.headers), cors);
  if (cardOrigin !== undefined && isJson(upstream)) return relayCard(upstream, response, headers, cardOrigin);
  const through = filter?.([upstream.headers['content-type'] ?? []].flat()[0] ?? '');
  const { 'content-length': _length, ...withoutLength } = headers;
  response.writeHead(upstream.statusCode, upstream.statusText, through ? withoutLength : headers);
  if (!through) return passOn(upstream.body, response);
  // The first event of a stream may be long in coming.
  response.flushHeaders();
  await pipeline(upstream.body, through, response);
}

/** Sends a response that this gateway has made itself. */
export async function sendResponse(
  { status, headers, body }: Response,
  response: ServerResponse,
  cors: Cors,
): Promise<void> {
  response.writeHead(status, withCors(Object.fromEntries(headers), cors));
  response.flushHeaders();
  if (body) await pipeline(Readable.fromWeb(body), response);
  else response.end();
}

async function relayCard(
  { statusCode, body }: Dispatcher.ResponseData,
  response: ServerResponse,
  headers: Headers,
  origin: string,
): Promise<void> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body.iterator({ destroyOnReturn: false })) {
    pieces.push(piece);
    size += piece.length;
    if (size > maxCardBytes) {
      response.writeHead(statusCode, headers).write(Buffer.concat(pieces));
      return pipeline(body, response);
    }
  }
  const original = Buffer.concat(pieces);
  const moved = publicCard(original.toString(), origin);
  const { etag, ...others } = headers;
  const text = moved ?? original;
  response.writeHead(statusCode, { ...(moved === undefined ? headers : others), ...contentLength(text) }).end(text);
}

function isJson({ statusCode, headers }: Dispatcher.ResponseData): boolean {
  const type = [headers['content-type'] ?? []].flat()[0] ?? '';
  return statusCode === 200 && /^application\/(?:[\w.-]+\+)?json\b/.test(type);
}

function contentLength(body: string | Uint8Array): Record<string, string> {
  return { 'content-length': String(Buffer.byteLength(body)) };
}
