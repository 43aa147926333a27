import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { z } from 'zod';
import { loadDescriptors, serviceName } from '../ext-authz/protos.ts';
import type { Answer, WireRequest } from './client.ts';

// Encoded and decoded by protobufjs from the .proto files, which the service itself does not use for that.
const descriptors = loadDescriptors();
const definition = descriptors[serviceName];
if (!definition || typeof definition.format === 'string') throw new TypeError(`${serviceName} is no service`);
const { Check } = definition;
if (!Check) throw new TypeError(`${serviceName} has no Check`);
const method = Check;

const headerOption = z.object({
  header: z.object({ key: z.string(), value: z.string() }),
  append: z.object({ value: z.literal(false) }),
});

// Google's own types come with protobufjs, which writes their names in its own way.
const text = z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue);

const value: z.ZodType<MetadataValue> = z.union([
  text,
  z.object({ listValue: z.object({ values: z.array(text) }) }).transform(({ listValue }) => listValue.values),
]);

type MetadataValue = string | string[];

const checkResponse = z.object({
  status: z.object({ code: z.number().default(0) }),
  denied_response: z
    .object({ status: z.object({ code: z.number() }), headers: z.array(headerOption).default([]), body: z.string() })
    .nullish(),
  ok_response: z
    .object({ headers: z.array(headerOption).default([]), headers_to_remove: z.array(z.string()).default([]) })
    .nullish(),
  dynamic_metadata: z.object({ fields: z.record(z.string(), value).default({}) }).nullish(),
});

/** What the gateway is told, with headers as one object. */
interface CheckAnswer {
  /** gRPC status code in the answer. */
  readonly code: number;
  readonly denied: Answer | undefined;
  readonly allowed:
    | { readonly headers: Readonly<Record<string, string>>; readonly headersToRemove: readonly string[] }
    | undefined;
  readonly metadata: Readonly<Record<string, MetadataValue>> | undefined;
}

export interface CheckClient {
  /** Sends a message, written as JSON with the names of the .proto files. */
  check(message: object, options?: CheckOptions): Promise<CheckAnswer>;
  /** Sends bytes in place of a message. */
  checkBytes(bytes: Uint8Array, options?: CheckOptions): Promise<CheckAnswer>;
  close(): void;
}

interface CheckOptions {
  /** Milliseconds from now. */
  readonly deadline?: number;
}

/** A gateway, as the service sees it. */
export function createCheckClient(port: number): CheckClient {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const checkBytes = (bytes: Uint8Array, { deadline = 30_000 }: CheckOptions = {}): Promise<CheckAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<CheckAnswer>();
    client.makeUnaryRequest(
      method.path,
      (message: Uint8Array) => Buffer.from(message),
      (answer) => toAnswer(checkResponse.parse(method.responseDeserialize(answer))),
      bytes,
      new Metadata(),
      { deadline: Date.now() + deadline },
      (error: ServiceError | null, answer?: CheckAnswer) => (answer ? resolve(answer) : reject(error)),
    );
    return promise;
  };
  return {
    checkBytes,
    check: (message, options) => checkBytes(method.requestSerialize(message), options),
    close: () => client.close(),
  };
}

/** What Envoy says of a request that came over HTTP/1.1, the whole body included. */
export function checkMessage(
  { method: verb, target: path, headers, body }: WireRequest,
  { context = {}, http = {} }: { readonly context?: Readonly<Record<string, string>>; readonly http?: object } = {},
): { attributes: { request: { http: object }; context_extensions: object } } {
  const { host = '', ...others } = headers;
  const length = body ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  return {
    attributes: {
      request: {
        http: {
          method: verb,
          path,
          host,
          protocol: 'HTTP/1.1',
          headers: { ':authority': host, ':method': verb, ':path': path, ...lowerCase(others), ...length },
          raw_body: Buffer.from(body),
          ...http,
        },
      },
      context_extensions: context,
    },
  };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, content]) => [name.toLowerCase(), content]));
}

function toAnswer(response: z.output<typeof checkResponse>): CheckAnswer {
  const { denied_response: denied, ok_response: ok, dynamic_metadata: metadata } = response;
  return {
    code: response.status.code,
    denied: denied ? { status: denied.status.code, headers: toRecord(denied.headers), text: denied.body } : undefined,
    allowed: ok ? { headers: toRecord(ok.headers), headersToRemove: ok.headers_to_remove } : undefined,
    metadata: metadata?.fields,
  };
}

function toRecord(options: readonly z.output<typeof headerOption>[]): Record<string, string> {
  return Object.fromEntries(options.map(({ header }) => [header.key, header.value]));
}
