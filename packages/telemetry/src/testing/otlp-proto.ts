import { parse } from 'protobufjs';

/** What the tests look at of OTLP's trace messages (opentelemetry-proto 1.x); other fields are skipped. */
const definitions = `
syntax = "proto3";
message ExportRequest { repeated ResourceSpans resource_spans = 1; }
message ExportResponse {}
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { repeated Span spans = 2; }
message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  bytes parent_span_id = 4;
  string name = 5;
  int32 kind = 6;
  fixed64 start_time_unix_nano = 7;
  fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9;
  repeated Event events = 11;
  repeated Link links = 13;
  Status status = 15;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; repeated KeyValue attributes = 4; }
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue {
  oneof value {
    string string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    KeyValueList kvlist_value = 6;
    bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
`;

const { root } = parse(definitions);

const exportRequest = root.lookupType('ExportRequest');

/** The message's JSON form: bytes as hexadecimal text, 64-bit integers as decimal text. */
export function decodeExportRequest(message: Uint8Array): unknown {
  return exportRequest.toObject(exportRequest.decode(message), { longs: String, arrays: true, bytes: Array });
}
