/** A request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly requestHeaders: readonly (readonly [string, string])[];
  readonly requestBody: string | undefined;
  readonly status: number;
  readonly statusText: string;
  readonly responseHeaders: readonly (readonly [string, string])[];
  /** Only of the servers whose answers were to be read; those of others may be endless. */
  readonly responseBody: string | undefined;
}

interface WatchOptions {
  /** Whether the answers of a server are read for whoever watches. */
  readonly readsAnswersOf: (origin: string) => boolean;
  readonly onExchange: (exchange: Exchange) => void;
}

/** A `fetch` that tells of every exchange. */
export function watchFetch(fetch: typeof globalThis.fetch, options: WatchOptions): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const response = await fetch(input, init);
    options.onExchange({
      method: init?.method ?? (input instanceof Request ? input.method : 'GET'),
      url,
      requestHeaders: [...new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))],
      requestBody: bodyText(init?.body),
      status: response.status,
      statusText: response.statusText,
      responseHeaders: [...response.headers],
      responseBody: options.readsAnswersOf(url.origin) ? await response.clone().text() : undefined,
    });
    return response;
  };
}

function bodyText(body: RequestInit['body']): string | undefined {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined;
}
