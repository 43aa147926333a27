import { createHttpFetch } from '@aauth-stack/aauth/node';

/** A request as it went out, and what came back. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** Filled in when the answer has arrived. */
  response: RecordedResponse | undefined;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Recorder {
  readonly fetch: typeof globalThis.fetch;
  /** In the order in which they were sent. */
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

/** A `fetch` that keeps what it sends and receives. */
export function createRecorder(): Recorder {
  const http = createHttpFetch();
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    async fetch(input, init) {
      const request = new Request(input, init);
      const exchange: Exchange = {
        method: request.method,
        url: new URL(request.url),
        headers: new Headers(request.headers),
        body: await request.clone().text(),
        response: undefined,
      };
      exchanges.push(exchange);
      const response = await http(input, init);
      const { status, headers } = response;
      const body = await response.text();
      exchange.response = { status, headers, body };
      return Object.defineProperty(new Response(body || null, { status, headers }), 'url', { value: response.url });
    },
    close: () => http.close(),
  };
}
