import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A request as the gateway describes it. Everything is a claim of the gateway's until it is looked at. */
export interface HttpAttributes {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly query: string;
  readonly host: string;
  /** For instance `HTTP/2`. */
  readonly protocol: string;
  /** Lower-case names; repeated lines joined with `, `; bytes as in {@link latin1}. */
  readonly headers: ReadonlyMap<string, string>;
  /** Names and values together, in bytes. */
  readonly headerBytes: number;
  /** Undefined where the gateway sent none, or an empty one: the wire does not tell these apart. */
  readonly body: Uint8Array | undefined;
  /** Bytes of the body that the gateway knows of; -1 where it does not know all of them, 0 where it does not say. */
  readonly size: bigint;
}

export interface CheckRequest {
  /** Undefined where the gateway sent no `attributes.request.http`. */
  readonly http: HttpAttributes | undefined;
  readonly context: ReadonlyMap<string, string>;
}

export type DecodedCheckRequest =
  | { readonly ok: true; readonly request: CheckRequest }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads the bytes of an `envoy.service.auth.v3.CheckRequest`. It takes text as bytes, one character each, as Node's HTTP
 * parser does: a header with bytes that are not UTF-8 is read as it came, and a signature over it can hold.
 */
export function decodeCheckRequest(bytes: Uint8Array): DecodedCheckRequest {
  try {
    return { ok: true, request: readCheckRequest(bytes) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

type Fields<Value> = Readonly<Record<number, (value: Value) => void>>;

/** What is not among the fields is skipped. */
function readFields(bytes: Uint8Array, fields: Fields<Uint8Array>, numbers: Fields<bigint> = {}): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const read = type === WireType.LengthDelimited ? fields[field] : undefined;
    const readNumber = type === WireType.Varint ? numbers[field] : undefined;
    if (read) read(reader.bytes());
    else if (readNumber) readNumber(BigInt(reader.int64()));
    else reader.skip(type, field);
  }
}

function readCheckRequest(bytes: Uint8Array): CheckRequest {
  let http: HttpReading | undefined;
  const context = new Map<string, string>();
  readFields(bytes, {
    1: (attributes) =>
      readFields(attributes, {
        4: (request) =>
          readFields(request, {
            2: (message) => {
              // A message in two parts is one message.
              http ??= emptyReading();
              readHttp(message, http);
            },
          }),
        10: (entry) => {
          const { key, value } = readEntry(entry);
          context.set(latin1(key), Buffer.from(value).toString('utf8'));
        },
      }),
  });
  return { http: http && { ...http, body: http.body }, context };
}

interface HttpReading {
  method: string;
  path: string;
  query: string;
  host: string;
  protocol: string;
  headers: Map<string, string>;
  headerBytes: number;
  body?: Uint8Array;
  size: bigint;
}

function emptyReading(): HttpReading {
  const texts = { method: '', path: '', query: '', host: '', protocol: '' };
  return { ...texts, headers: new Map(), headerBytes: 0, size: 0n };
}

function readHttp(bytes: Uint8Array, http: HttpReading): void {
  const addHeader = ({ key, value }: Entry) => {
    const name = latin1(key).toLowerCase();
    const present = http.headers.get(name);
    http.headers.set(name, present === undefined ? latin1(value) : `${present}, ${latin1(value)}`);
    http.headerBytes += key.length + value.length;
  };
  const texts: Fields<Uint8Array> = {
    2: (value) => {
      http.method = latin1(value);
    },
    3: (entry) => addHeader(readEntry(entry)),
    4: (value) => {
      http.path = latin1(value);
    },
    5: (value) => {
      http.host = latin1(value);
    },
    7: (value) => {
      http.query = latin1(value);
    },
    10: (value) => {
      http.protocol = latin1(value);
    },
    11: (value) => {
      http.body = value;
    },
    12: (value) => {
      http.body = value;
    },
    13: (headerMap) => readFields(headerMap, { 1: (header) => addHeader(readEntry(header)) }),
  };
  const size = (value: bigint) => {
    http.size = value;
  };
  readFields(bytes, texts, { 9: size });
}

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** An entry of a map, or a `HeaderValue`, whose `raw_value` is its value in bytes. */
function readEntry(bytes: Uint8Array): Entry {
  let key: Uint8Array = new Uint8Array();
  let value: Uint8Array = new Uint8Array();
  readFields(bytes, {
    1: (field) => {
      key = field;
    },
    2: (field) => {
      value = field;
    },
    3: (field) => {
      value = field;
    },
  });
  return { key, value };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
