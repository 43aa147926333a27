import { STATUS_CODES } from 'node:http';
import { formatJson, type JsonFormat } from './format-json.ts';
import type { Exchange, RecordedResponse } from './recorder.ts';

/** Headers of an answer that say something about AAuth; the rest is left out. */
const shownOfResponses = [
  'location',
  'retry-after',
  'cache-control',
  'aauth-requirement',
  'signature-error',
  'accept-signature-alg',
  'accept-signature-scheme',
  'content-type',
];

/** Headers that come last, in this order; the others before them, as they were sent. */
const lastOfRequests = ['content-type', 'content-digest', 'signature-key', 'signature-input', 'signature'];

/** A request and its answer as Markdown. Bodies of JSON are formatted for reading. */
export function formatExchange(exchange: Exchange, answer?: JsonFormat): string {
  return `${formatRequest(exchange)}\n\n${formatAnswer(exchange, answer)}`;
}

/** The answer to a request as Markdown. */
export function formatAnswer({ method, url, response }: Exchange, format?: JsonFormat): string {
  if (!response) throw new Error(`${method} ${url.href} has not been answered.`);
  return fence('http', formatResponse(response, format));
}

/** A request as Markdown. */
export function formatRequest({ method, url, headers, body }: Exchange): string {
  const names = [...headers.keys()].filter((name) => !lastOfRequests.includes(name));
  const lines = [...names, ...lastOfRequests].flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  const head = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`, ...lines];
  return fence('http', withBody(head, body));
}

function formatResponse({ status, headers, body }: RecordedResponse, format?: JsonFormat): string {
  const lines = shownOfResponses.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  return withBody([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines], body, format);
}

function withBody(head: readonly string[], body: string, format?: JsonFormat): string {
  return body === '' ? head.join('\n') : `${head.join('\n')}\n\n${formatBody(body, format)}`;
}

/** JSON formatted for reading, anything else as it is. */
export function formatBody(body: string, format?: JsonFormat): string {
  try {
    return formatJson(JSON.parse(body), format);
  } catch (error) {
    if (error instanceof SyntaxError) return body.trimEnd();
    throw error;
  }
}

export function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
