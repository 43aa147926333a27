import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadDescriptors } from '../protos.ts';
import { decodeCheckRequest } from './check-request.ts';

const service = loadDescriptors()['envoy.service.auth.v3.Authorization'];
if (!service || typeof service.format === 'string' || !service.Check) throw new TypeError('no such service');
/** As other gateways write it: by the .proto files, with protobufjs. */
const { requestSerialize: encode } = service.Check;

const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
const header = fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz-'), minLength: 1, maxLength: 20 });

test('what another implementation writes is read', () => {
  const request = fc.record({
    method: ascii,
    path: ascii,
    host: ascii,
    query: ascii,
    protocol: ascii,
    headers: fc.dictionary(header, ascii, { maxKeys: 10, noNullPrototype: true }),
    size: fc.integer({ min: -1 }),
    raw_body: fc.uint8Array({ minLength: 1, maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  });
  const context = fc.dictionary(header, fc.string({ maxLength: 20 }), { maxKeys: 5, noNullPrototype: true });
  fc.assert(
    fc.property(request, context, (http, extensions) => {
      const bytes = encode({ attributes: { request: { http }, context_extensions: extensions } });
      const { headers, raw_body: body, size, ...fields } = http;
      expect(decodeCheckRequest(bytes)).toEqual({
        ok: true,
        request: {
          http: {
            ...fields,
            body,
            headers: new Map(Object.entries(headers)),
            headerBytes: Object.entries(headers).flat().join('').length,
            size: BigInt(size),
          },
          context: new Map(Object.entries(extensions)),
        },
      });
    }),
  );
});

test('whatever bytes come, the answer is a request or a reason', () => {
  const valid = encode({ attributes: { request: { http: { method: 'GET', path: '/', headers: { a: 'b' } } } } });
  const cut = fc.nat(valid.length).map((length) => valid.subarray(0, length));
  const flipped = fc
    .tuple(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, bits]) => valid.map((byte, index) => (index === at ? byte ^ bits : byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), cut, flipped), (bytes) => {
      const decoded = decodeCheckRequest(bytes);
      if (!decoded.ok) expect(decoded.reason).not.toBe('');
    }),
  );
});

test('a header is read in its bytes, whether they are UTF-8 or not, and repeated lines are joined', () => {
  const lines = [
    { key: 'X-Name', raw_value: Buffer.from([0x4a, 0x6f, 0x73, 0xe9]) },
    { key: 'x-list', raw_value: Buffer.from('a') },
    { key: 'x-list', raw_value: Buffer.from('b') },
  ];
  const decoded = decodeCheckRequest(encode({ attributes: { request: { http: { header_map: { headers: lines } } } } }));
  expect(decoded.ok && decoded.request.http?.headers).toEqual(
    new Map([
      ['x-name', 'Jos\u00e9'],
      ['x-list', 'a, b'],
    ]),
  );
});

test('a message in two parts is one message', () => {
  const parts = [{ method: 'GET' }, { path: '/' }].map((http) => encode({ attributes: { request: { http } } }));
  const decoded = decodeCheckRequest(Buffer.concat(parts));
  expect(decoded).toMatchObject({ request: { http: { method: 'GET', path: '/' } } });
});
