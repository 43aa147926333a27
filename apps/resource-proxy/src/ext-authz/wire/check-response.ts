import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** What a `google.protobuf.Value` may be here. */
type MetadataValue = string | readonly string[];

/** Facts for the filters behind; what is not known is left out. */
type Metadata = Readonly<Record<string, MetadataValue | undefined>>;

export interface AllowedResponse {
  readonly allowed: true;
  /** Set on the request, in place of what the client sent under these names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly headersToRemove: readonly string[];
  readonly metadata: Metadata;
}

export interface DeniedResponse {
  readonly allowed: false;
  /** A gRPC status code, for the gateway's own records. */
  readonly code: number;
  /** What the client gets. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type CheckResponse = AllowedResponse | DeniedResponse;

/** Writes the bytes of an `envoy.service.auth.v3.CheckResponse`. */
export function encodeCheckResponse(response: CheckResponse): Buffer {
  const writer = new BinaryWriter();
  if (response.allowed) {
    message(writer, 1, () => writer);
    message(writer, 3, () => {
      writeHeaders(writer, response.headers);
      for (const name of response.headersToRemove) text(writer, 5, name);
    });
    message(writer, 4, () => writeStruct(writer, response.metadata));
  } else {
    message(writer, 1, () => writer.tag(1, WireType.Varint).int32(response.code));
    message(writer, 2, () => {
      message(writer, 1, () => writer.tag(1, WireType.Varint).int32(response.status));
      writeHeaders(writer, response.headers);
      text(writer, 3, response.body);
    });
  }
  return Buffer.from(writer.finish());
}

function message(writer: BinaryWriter, field: number, write: () => unknown): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

/** Repeated `HeaderValueOption`, the same field in both kinds of answer. */
function writeHeaders(writer: BinaryWriter, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    message(writer, 2, () => {
      message(writer, 1, () => {
        text(writer, 1, name);
        text(writer, 2, value);
      });
      // Present and false. Without it, newer versions of Envoy append to what the client sent.
      message(writer, 2, () => writer.tag(1, WireType.Varint).bool(false));
    });
  }
}

function writeStruct(writer: BinaryWriter, fields: Metadata): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    message(writer, 1, () => {
      text(writer, 1, name);
      message(writer, 2, () => writeValue(writer, value));
    });
  }
}

function writeValue(writer: BinaryWriter, value: MetadataValue): void {
  if (typeof value === 'string') {
    text(writer, 3, value);
    return;
  }
  message(writer, 6, () => {
    for (const item of value) message(writer, 1, () => text(writer, 3, item));
  });
}
