import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { OptionSpecs } from '../command/command.ts';
import type { Context } from '../command/context.ts';
import { usageFailure } from '../command/failure.ts';

/** The options by which a request is described, as curl has them. */
export const requestOptions = {
  request: { type: 'string', short: 'X', value: 'METHOD', help: 'the method (default: GET, or POST with data)' },
  header: { type: 'string', short: 'H', value: '"NAME: VALUE"', multiple: true, help: 'a header; @FILE: one a line' },
  data: {
    type: 'string',
    short: 'd',
    value: 'DATA',
    multiple: true,
    help: 'the body; @FILE: the bytes of a file, @-: of standard input; several are joined by "&"',
  },
  'data-raw': { type: 'string', value: 'DATA', multiple: true, help: 'the same, and "@" means nothing' },
} as const satisfies OptionSpecs;

/** A request from the command line. */
export interface RequestInput {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

interface Values {
  readonly request?: string;
  readonly header?: string[];
  readonly data?: string[];
  readonly 'data-raw'?: string[];
}

const methodPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// What signs a request writes them itself.
const ownHeaders = ['signature', 'signature-input', 'signature-key', 'content-digest', 'host', 'content-length'];

/**
 * Reads a request. Data without a `Content-Type` is `application/json` if it is JSON, else
 * `application/x-www-form-urlencoded`.
 *
 * @throws CommandFailure for a URL, a method, a header or a file that is none
 */
export async function readRequest(
  target: string,
  values: Values,
  context: Pick<Context, 'stdin'>,
): Promise<RequestInput> {
  const url = parseUrl(target);
  const headers = await readHeaders(values.header ?? []);
  const body = await readData(values, context.stdin);
  const method = (values.request ?? (body ? 'POST' : 'GET')).toUpperCase();
  if (!methodPattern.test(method)) throw usageFailure(`"${method}" is not an HTTP method.`);
  if (body && ['GET', 'HEAD'].includes(method)) {
    throw usageFailure(`A ${method} request has no body, and there is data.`, 'Leave out -X, or name another method.');
  }
  if (body && !headers.has('content-type')) headers.set('content-type', guessType(body));
  return { url, method, headers, body };
}

/** @throws CommandFailure unless it is an http or https URL without a user name */
export function parseUrl(text: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw usageFailure(`"${text}" is not an http or https URL.`);
  if (url.username || url.password) {
    throw usageFailure(
      'The URL has a user name or a password in it.',
      'An AAuth agent needs none. Where the server wants one as well: -H "Authorization: Basic …"',
    );
  }
  return url;
}

/**
 * Headers as the command line gives them: one a text, or `@FILE` with one a line.
 *
 * @throws CommandFailure for one that is none, or that belongs to the signature
 */
export async function readHeaders(given: readonly string[]): Promise<Headers> {
  const lines = await Promise.all(
    given.map(async (text) => (text.startsWith('@') ? (await readText(text.slice(1))).split(/\r?\n/) : [text])),
  );
  const headers = new Headers();
  for (const line of lines.flat()) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon < 1 || !methodPattern.test(name)) throw usageFailure(`"${line}" is not a header: "Name: value".`);
    if (ownHeaders.includes(name)) throw usageFailure(`The header ${name} is written by aauth itself.`);
    try {
      headers.append(name, line.slice(colon + 1).trim());
    } catch {
      throw usageFailure(`The value of the header ${name} has characters that cannot stand there.`);
    }
  }
  return headers;
}

async function readData(values: Values, stdin: Readable): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts: Uint8Array[] = [];
  for (const text of values.data ?? []) parts.push(await readDatum(text, stdin));
  for (const text of values['data-raw'] ?? []) parts.push(Buffer.from(text));
  if (parts.length === 0) return undefined;
  return new Uint8Array(
    Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('&'), part]))),
  );
}

async function readDatum(text: string, stdin: Readable): Promise<Uint8Array> {
  if (text === '@-') return buffer(stdin);
  return text.startsWith('@') ? readBytes(text.slice(1)) : Buffer.from(text);
}

/** A file that the command line names, or standard input where it says `-`. */
export async function readInput(name: string, stdin: Readable): Promise<Uint8Array> {
  return name === '-' ? buffer(stdin) : readBytes(name);
}

async function readText(file: string): Promise<string> {
  return Buffer.from(await readBytes(file)).toString('utf8');
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw usageFailure(`The file "${file}" cannot be read: ${reason}.`);
  }
}

function guessType(body: Uint8Array): string {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null ? 'application/json' : 'application/x-www-form-urlencoded';
  } catch {
    return 'application/x-www-form-urlencoded';
  }
}
