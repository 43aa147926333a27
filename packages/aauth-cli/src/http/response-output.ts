import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../command/context.ts';
import { usageFailure } from '../command/failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface OutputOptions {
  /** Status and headers too. */
  readonly include?: boolean;
  /** A file instead of standard output. */
  readonly output?: string;
}

/** Writes a response as it comes. */
export async function writeResponse(
  response: Response,
  { include, output }: OutputOptions,
  { stdout, stderr }: Pick<Context, 'stdout' | 'stderr'>,
  terminal: Terminal,
): Promise<void> {
  if (include) {
    const headers = [...response.headers].map(([name, value]) => `${terminal.paint('cyan', name)}: ${value}`);
    terminal.print([`HTTP ${response.status} ${response.statusText}`.trimEnd(), ...headers, '', ''].join('\n'));
  }
  if (output !== undefined) return writeBody(response, output);
  const last = await copy(response, stdout);
  // A prompt right behind the body is hard to read; in a pipe not a byte is added.
  if (stdout.isTTY && last !== undefined && last !== 10) stderr.write('\n');
}

/** A response as a document. A body that is written to a file is not in it. */
export async function responseDocument(response: Response, url: URL, output: string | undefined) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (output !== undefined) await writeFile(output, bytes).catch((cause) => cannotWrite(output, cause));
  return {
    url: url.href,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    ...(output === undefined ? readBody(bytes, response.headers.get('content-type')) : { output }),
  };
}

function readBody(bytes: Uint8Array, type: string | null) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { body: /[/+]json\b/.test(type ?? '') ? JSON.parse(text) : text };
  } catch {
    return { body_base64: Buffer.from(bytes).toString('base64') };
  }
}

async function writeBody(response: Response, output: string): Promise<void> {
  try {
    await pipeline(response.body ?? [], createWriteStream(output));
  } catch (cause) {
    cannotWrite(output, cause);
  }
}

async function copy(response: Response, target: Writable): Promise<number | undefined> {
  let last: number | undefined;
  if (!response.body) return last;
  for await (const chunk of response.body) {
    last = chunk.at(-1) ?? last;
    if (!target.write(chunk)) await new Promise((resolve) => target.once('drain', resolve));
  }
  return last;
}

function cannotWrite(file: string, cause: unknown): never {
  throw usageFailure(`"${file}" cannot be written: ${cause instanceof Error ? cause.message : cause}.`);
}
