import { createFileRegistry, type DescField, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { publishedDescriptors } from './protos.ts';

/** From Envoy's API, for what this service reads and writes. */
const numbers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'envoy.service.auth.v3.CheckRequest': { attributes: 1 },
  'envoy.service.auth.v3.AttributeContext': { request: 4, context_extensions: 10 },
  'envoy.service.auth.v3.AttributeContext.Request': { http: 2 },
  'envoy.service.auth.v3.AttributeContext.HttpRequest': {
    method: 2,
    headers: 3,
    path: 4,
    host: 5,
    query: 7,
    size: 9,
    protocol: 10,
    body: 11,
    raw_body: 12,
    header_map: 13,
  },
  'envoy.service.auth.v3.CheckResponse': { status: 1, denied_response: 2, ok_response: 3, dynamic_metadata: 4 },
  'envoy.service.auth.v3.DeniedHttpResponse': { status: 1, headers: 2, body: 3 },
  'envoy.service.auth.v3.OkHttpResponse': { headers: 2, headers_to_remove: 5 },
  'envoy.config.core.v3.HeaderValueOption': { header: 1, append: 2 },
  'envoy.config.core.v3.HeaderValue': { key: 1, value: 2, raw_value: 3 },
  'envoy.config.core.v3.HeaderMap': { headers: 1 },
  'envoy.type.v3.HttpStatus': { code: 1 },
  'google.rpc.Status': { code: 1, message: 2 },
  'google.protobuf.Struct': { fields: 1 },
  'google.protobuf.BoolValue': { value: 1 },
};

/** As a reflection client puts together what it gets; throws where a name or an import is wrong. */
function link(name: string) {
  const written = Object.values(publishedDescriptors()).flatMap(({ fileDescriptorProtos: bytes }) =>
    Array.isArray(bytes) ? bytes.map((file) => fromBinary(FileDescriptorProtoSchema, file)) : [],
  );
  const files = new Map(written.map((file) => [file.name, file]));
  const root = files.get(name);
  if (!root) throw new TypeError(`${name} is not published, but ${[...files.keys()]}`);
  return createFileRegistry(root, (imported) => files.get(imported));
}

test('the messages have the field numbers of Envoy’s API', () => {
  const registry = link('envoy_service_auth_v3.proto');
  for (const [name, fields] of Object.entries(numbers)) {
    const found = registry.getMessage(name)?.fields.map(({ name: field, number }: DescField) => [field, number]);
    expect({ [name]: Object.fromEntries(found ?? []) }).toEqual({ [name]: fields });
  }
});

test('the services are those that a gateway and a probe call', () => {
  const registry = link('envoy_service_auth_v3.proto');
  expect(registry.getService('envoy.service.auth.v3.Authorization')?.methods).toMatchObject([
    { name: 'Check', methodKind: 'unary', input: { typeName: 'envoy.service.auth.v3.CheckRequest' } },
  ]);
  expect(link('grpc_health_v1.proto').getService('grpc.health.v1.Health')).toBeDefined();
});
