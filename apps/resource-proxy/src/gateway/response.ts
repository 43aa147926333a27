import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ProblemResponse } from '@aauth-stack/aauth/problem';
import type { Dispatcher } from 'undici';
import { publicCard } from './agent-card.ts';
import { withCors } from './cors.ts';
import { responseHeaders } from './forwarded-headers.ts';

type Headers = Readonly<Record<string, string | string[]>>;
type Cors = Readonly<Record<string, string>>;

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
 */
export async function relay(
  upstream: Dispatcher.ResponseData,
  response: ServerResponse,
  { cors, cardOrigin }: { cors: Cors; cardOrigin: string | undefined },
): Promise<void> {
  const headers = withCors(responseHeaders(upstream.headers), cors);
  if (cardOrigin !== undefined && isJson(upstream)) return relayCard(upstream, response, headers, cardOrigin);
  response.writeHead(upstream.statusCode, upstream.statusText, headers);
  // The first event of a stream may be long in coming.
  response.flushHeaders();
  await pipeline(upstream.body, response);
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
