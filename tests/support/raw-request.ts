import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import type { Credentials } from '@aauth-stack/aauth/agent';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';

/** A request as it goes over the wire, so that a test can alter any one thing of it. */
export interface RawRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: Record<string, string | string[]>;
  body?: string;
  port: number;
}

export interface RawResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends a request to this machine exactly as given. */
export function send({ method, path, headers, body, port }: RawRequest): Promise<RawResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
  });
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

/** The status line that a server answers to a request which it does not read to its end. */
export function statusLineOf({ method, path, headers, port }: RawRequest): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, '127.0.0.1', () => socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`));
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  // Closing with unread bytes resets the connection; what was answered before has arrived by then.
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(received.split('\r\n')[0] ?? ''));
  return promise;
}

export interface SignedRequestOptions {
  authority?: string;
  path?: string;
  body?: string;
  created?: number;
  /** Components to cover beside the required ones. */
  components?: string[];
  headers?: Record<string, string>;
}

/** An A2A message to the supply-chain agent through the proxy, signed as an agent signs it. */
export async function signedMessage(
  { token, key }: Credentials,
  options: SignedRequestOptions = {},
): Promise<RawRequest> {
  const authority = options.authority ?? 'supply-chain-agent.localhost:3000';
  const target = options.path ?? '/';
  const body = options.body ?? a2aMessage('optimize laptop supply chain');
  const url = new URL(target, `http://${authority}`);
  const headers = new Headers({ 'content-type': 'application/json', ...options.headers });
  const signature = await signMessage(
    { method: 'POST', authority, path: url.pathname, query: url.search, headers },
    {
      key,
      signatureKey: jwtSignatureKey(token),
      created: options.created ?? Math.floor(Date.now() / 1000),
      additionalComponents: options.components ?? ['@query'],
      body: new TextEncoder().encode(body),
    },
  );
  return {
    method: 'POST',
    path: target,
    headers: { host: authority, ...Object.fromEntries(headers), ...signature },
    body,
    port: 3000,
  };
}

/** A JSON-RPC `message/send` of A2A 0.3. */
export function a2aMessage(text: string): string {
  const message = { kind: 'message', role: 'user', messageId: crypto.randomUUID(), parts: [{ kind: 'text', text }] };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message/send', params: { message } });
}
