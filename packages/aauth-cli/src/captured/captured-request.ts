import type { HeaderFields } from '@aauth-stack/aauth/signatures';
import { z } from 'zod';
import { usageFailure } from '../command/failure.ts';

/** A request that was written down somewhere. */
export interface CapturedRequest {
  readonly method: string;
  /** Where it says: of an absolute URL, or of `Host`; lower case, without a default port. */
  readonly authority: string;
  /** As sent. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
  /** What was odd about it and does not keep it from being read. */
  readonly remarks: readonly string[];
}

interface Parts {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly remarks?: readonly string[];
}

const headersSchema = z.union([
  z.array(z.object({ name: z.string(), value: z.string() })),
  z.array(z.tuple([z.string(), z.string()])),
  z.record(z.string(), z.union([z.string(), z.array(z.string())])),
]);
const jsonSchema = z.object({
  method: z.string(),
  url: z.string(),
  headers: headersSchema,
  body: z.string().optional(),
  body_base64: z.string().optional(),
});
const harSchema = z.object({
  log: z.object({
    entries: z.array(
      z.object({
        request: z.object({
          method: z.string(),
          url: z.string(),
          headers: headersSchema,
          postData: z.object({ text: z.string().optional(), encoding: z.string().optional() }).optional(),
        }),
      }),
    ),
  }),
});

/**
 * Reads a captured request: raw HTTP/1.1, also as `curl -v` shows it; JSON with `method`, `url`, `headers` and `body` or
 * `body_base64`; or a HAR file.
 *
 * @param entry which request of a HAR file, from 1. Default: the first that is signed
 * @throws CommandFailure saying what is wrong with it
 */
export function readCaptured(bytes: Uint8Array, entry?: number): CapturedRequest {
  if (bytes.byteLength === 0) throw usageFailure('There is no request to verify: the input is empty.');
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart();
  return complete(start.startsWith('{') ? readJson(bytes, entry) : readRaw(bytes));
}

function readJson(bytes: Uint8Array, entry: number | undefined): Parts {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw usageFailure(`The input starts like JSON and is none: ${error instanceof Error ? error.message : error}.`);
  }
  const har = harSchema.safeParse(value);
  if (har.success) return readHar(har.data, entry);
  const parsed = jsonSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw usageFailure(
      `The JSON describes no request: ${issue?.path.join('.') || 'it'} ${issue?.message ?? 'is not one'}.`,
      'Expected: {"method", "url", "headers", "body" or "body_base64"}, or a HAR file.',
    );
  }
  const { method, url, headers, body = '', body_base64 } = parsed.data;
  const content = body_base64 === undefined ? Buffer.from(body) : Buffer.from(body_base64, 'base64');
  return { method, target: url, fields: fieldsOf(headers), body: content };
}

function readHar({ log: { entries } }: z.infer<typeof harSchema>, entry: number | undefined): Parts {
  const isSigned = ({ request }: (typeof entries)[number]) =>
    fieldsOf(request.headers).some(([name]) => name === 'signature-input');
  const found = entry === undefined ? (entries.find(isSigned) ?? entries[0]) : entries[entry - 1];
  if (!found) throw usageFailure(`The HAR file has ${entries.length} requests, and no number ${entry ?? 1}.`);
  const { method, url, headers, postData } = found.request;
  const body = Buffer.from(postData?.text ?? '', postData?.encoding === 'base64' ? 'base64' : 'utf8');
  return { method, target: url, fields: fieldsOf(headers), body };
}

function fieldsOf(headers: z.infer<typeof headersSchema>): (readonly [string, string])[] {
  if (!Array.isArray(headers)) {
    return Object.entries(headers).flatMap(([name, values]) =>
      [values].flat().map((value) => [name.toLowerCase(), value] as const),
    );
  }
  return headers.map((field) => {
    const [name, value] = 'name' in field ? [field.name, field.value] : field;
    return [name.toLowerCase(), value] as const;
  });
}

function readRaw(bytes: Uint8Array): Parts {
  const text = Buffer.from(bytes).toString('latin1');
  const isCurl = /^> /.test(text);
  const plain = isCurl ? text.replace(/^> ?/gm, '') : text;
  const [, head = '', rest = ''] = /^([\s\S]*?)(?:\r?\n\r?\n([\s\S]*))?$/.exec(plain) ?? [];
  const [requestLine = '', ...lines] = head.split(/\r?\n/);
  const [, method, target] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([/*]\S*|https?:\/\/\S+)(?: HTTP\/[\d.]+)?$/.exec(requestLine.trim()) ?? [];
  if (!method || !target) {
    throw usageFailure(
      `The first line is no request line: "${requestLine.slice(0, 80)}".`,
      'Expected: METHOD /path HTTP/1.1, then headers, an empty line and the body; or JSON; or a HAR file.',
    );
  }
  const fields = readFields(lines.filter((line) => line.trim() !== ''));
  return { method, target, fields, ...readBody(Buffer.from(isCurl ? '' : rest, 'latin1'), fields) };
}

function readFields(lines: readonly string[]): (readonly [string, string])[] {
  const fields: [string, string][] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    // RFC 9112 §5.2: a line that begins with white space continues the one before.
    if (/^[ \t]/.test(line) && last) last[1] = `${last[1]} ${line.trim()}`;
    else {
      const colon = line.indexOf(':');
      if (colon < 1) throw usageFailure(`"${line.slice(0, 80)}" is no header line: "Name: value".`);
      fields.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
    }
  }
  return fields;
}

function readBody(rest: Buffer, fields: readonly (readonly [string, string])[]): Pick<Parts, 'body' | 'remarks'> {
  const declared = fields.find(([name]) => name === 'content-length')?.[1];
  if (fields.some(([name, value]) => name === 'transfer-encoding' && /chunked/i.test(value))) {
    return {
      body: rest,
      remarks: ['It was sent in chunks; the body is taken as it stands, which is right only if they were joined.'],
    };
  }
  if (declared === undefined) return { body: rest };
  const length = Number(declared);
  if (rest.length > length) return { body: rest.subarray(0, length) };
  if (rest.length === length) return { body: rest };
  return {
    body: rest,
    remarks: [`Content-Length is ${length}, and ${rest.length} bytes of body are there: it was cut.`],
  };
}

function complete({ method, target, fields, body, remarks = [] }: Parts): CapturedRequest {
  const get = (name: string) => {
    const values = fields.filter(([field]) => field === name.toLowerCase()).map(([, value]) => value);
    return values.length === 0 ? null : values.join(', ');
  };
  const [, scheme, host, path = '/', query = ''] =
    /^(?:(https?):\/\/([^/?#]+))?(\/[^?#]*|\*)?(\?[^#]*)?/i.exec(target) ?? [];
  const authority = (host ?? get('host') ?? get(':authority') ?? '').toLowerCase();
  return {
    method,
    authority: withoutDefaultPort(authority, scheme?.toLowerCase()),
    path,
    query,
    fields: fields.filter(([name]) => !name.startsWith(':')),
    headers: { get },
    body,
    remarks: authority === '' ? [...remarks, 'It names no host: give it with --authority.'] : remarks,
  };
}

function withoutDefaultPort(authority: string, scheme: string | undefined): string {
  if (scheme !== 'http' && authority.endsWith(':443')) return authority.slice(0, -4);
  return scheme !== 'https' && authority.endsWith(':80') ? authority.slice(0, -3) : authority;
}
