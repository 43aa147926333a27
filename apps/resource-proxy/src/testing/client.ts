import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { jwtSignatureKey, type SignatureKeyValue, signMessage } from '@aauth-stack/aauth/signatures';

/** A request in every detail that goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface SignedRequestOptions {
  readonly key: SigningKey;
  readonly token: string;
  readonly created: number;
  readonly method?: string;
  readonly target?: string;
  readonly authority?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly components?: readonly string[];
  readonly signatureKey?: SignatureKeyValue;
  readonly coverBody?: boolean;
  readonly expires?: number;
}

/** A request as an agent makes it: every component of our resources covered. */
export async function signedRequest(
  options: SignedRequestOptions & { readonly authority: string },
): Promise<WireRequest> {
  const {
    method = 'POST',
    target = '/',
    authority,
    body = '{"jsonrpc":"2.0","id":1,"method":"message/send"}',
  } = options;
  const headers: Record<string, string> = {
    host: authority,
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...options.headers,
  };
  const [path = '/', query] = target.split('?');
  const signature = await signMessage(
    { method, authority, path, query: query === undefined ? '' : `?${query}`, headers: new Headers(headers) },
    {
      key: options.key,
      signatureKey: options.signatureKey ?? jwtSignatureKey(options.token),
      additionalComponents: options.components ?? ['@query'],
      body: body && options.coverBody !== false ? new TextEncoder().encode(body) : undefined,
      created: options.created,
      expires: options.expires,
    },
  );
  return { method, target, headers: { ...headers, ...signature }, body };
}

/** Sends a request to a port of 127.0.0.1, over a connection of its own. */
export function send(port: number, { method, target, headers, body }: WireRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = body ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  const request = httpRequest(
    { host: '127.0.0.1', port, method, path: target, headers: { ...headers, ...length }, agent: false },
    (response) => {
      const pieces: Uint8Array[] = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString(),
        }),
      );
    },
  );
  request.on('error', reject);
  request.end(body);
  return promise;
}

/** Sends bytes as they are and returns all that comes back, also when the other side cuts the connection after its answer. */
export function sendRaw(port: number, text: string | Uint8Array): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (piece) => {
    received += piece;
  });
  socket.on('error', (error) => (received ? resolve(received) : reject(error)));
  socket.on('close', () => resolve(received));
  socket.write(text);
  return promise;
}

/** A request as text, for {@link sendRaw}; the connection ends after it. */
export function toText({ method, target, headers, body }: WireRequest, extraLines: readonly string[] = []): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const length = body ? [`content-length: ${Buffer.byteLength(body)}`] : [];
  return [`${method} ${target} HTTP/1.1`, ...lines, ...length, ...extraLines, 'connection: close', '', body].join(
    '\r\n',
  );
}
