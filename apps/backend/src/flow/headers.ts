import type { Header } from './flow.ts';
import type { Pair } from './pairs.ts';
import type { Span } from './span.ts';

const requestPrefix = 'http.request.header.';
const responsePrefix = 'http.response.header.';

/** The protocol headers of a request as its sender sent them, or as they arrived where only the receiver tells. */
export function requestHeaders({ client, server }: Pair): Header[] {
  return headersOf(client ?? server, requestPrefix);
}

export function responseHeaders({ client, server }: Pair): Header[] {
  const received = headersOf(client, responsePrefix);
  return received.length > 0 ? received : headersOf(server, responsePrefix);
}

/** One header by its lower-case name; several lines are one value (RFC 9110 §5.3). */
export function headerOf(headers: readonly Header[], name: string): string | null {
  return headers.find(([key]) => key === name)?.[1] ?? null;
}

function headersOf(span: Span | undefined, prefix: string): Header[] {
  return Object.entries(span?.attributes ?? {}).flatMap(([name, value]): Header[] =>
    name.startsWith(prefix) && Array.isArray(value) ? [[name.slice(prefix.length), value.join(', ')]] : [],
  );
}
