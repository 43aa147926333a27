import { redactHeader } from '../terminal/redact.ts';
import type { Exchange } from './exchange.ts';

/** An exchange as `curl -v` shows one; no complete token, no signature, no credential unless all of it is asked for. */
export function verboseLines(exchange: Exchange, showsSecrets: boolean): string {
  const shown = ([name, value]: readonly [string, string]) =>
    `${name}: ${showsSecrets ? value : redactHeader(name, value)}`;
  return [
    `> ${exchange.method} ${exchange.url.pathname}${exchange.url.search}`,
    `> host: ${exchange.url.host}`,
    ...exchange.requestHeaders.map((header) => `> ${shown(header)}`),
    '>',
    `< ${exchange.status} ${exchange.statusText}`.trimEnd(),
    ...exchange.responseHeaders.map((header) => `< ${shown(header)}`),
    '<',
  ].join('\n');
}
