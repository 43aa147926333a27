import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { SigningKey } from '../../src/keys/types.ts';
import { jwtSignatureKey, signMessage } from '../../src/signatures/index.ts';
import type { SignatureKeyValue } from '../../src/signatures/types.ts';

/** A request as a test wants it signed and sent. */
export interface TestRequest {
  readonly method?: string;
  /** With its query. */
  readonly target?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SigningChanges {
  readonly key?: SigningKey;
  readonly signatureKey?: SignatureKeyValue;
  readonly authority?: string;
  readonly created?: number;
  readonly components?: readonly string[];
}

export interface TestResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface RequestOptions {
  /** What the requests are signed for. */
  readonly origin: string;
  /** Where they go unless they say otherwise. */
  readonly target: string;
  /** Where the server really listens, on 127.0.0.1. */
  readonly port: () => number;
  readonly now: Clock;
  /** Signs unless another key does. */
  readonly key: SigningKey;
  /** Stands in Signature-Key unless something else does. */
  readonly token: () => Promise<string>;
}

/** Signs requests as a test wants them and sends them as they are, over a connection of their own. */
export function createRequests(options: RequestOptions) {
  async function sign(request: TestRequest = {}, changes: SigningChanges = {}): Promise<Record<string, string>> {
    const { method = 'GET', target = options.target, body } = request;
    const url = new URL(target, options.origin);
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...request.headers };
    const message = {
      method,
      authority: changes.authority ?? url.host,
      path: url.pathname,
      query: url.search,
      headers: new Headers(headers),
    };
    const signature = await signMessage(message, {
      key: changes.key ?? options.key,
      signatureKey: changes.signatureKey ?? jwtSignatureKey(await options.token()),
      additionalComponents: changes.components ?? ['@query'],
      body: body === undefined ? undefined : new TextEncoder().encode(body),
      created: changes.created ?? options.now(),
    });
    return { ...headers, ...signature };
  }

  async function send(
    request: TestRequest,
    headers: Readonly<Record<string, string | string[]>>,
  ): Promise<TestResponse> {
    const { method = 'GET', target: path = options.target, body } = request;
    const where = { host: '127.0.0.1', port: options.port(), method, path, headers, agent: false };
    return new Promise((resolve, reject) => {
      const sent = httpRequest(where, async (res) => {
        res.setEncoding('utf8');
        let text = '';
        for await (const chunk of res) text += chunk;
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text });
      });
      sent.on('error', reject).end(body);
    });
  }

  return { sign, send };
}
