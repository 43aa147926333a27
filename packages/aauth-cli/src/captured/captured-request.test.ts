import {
  array,
  constantFrom,
  property,
  record,
  string,
  stringMatching,
  tuple,
  uint8Array,
  assert as verify,
} from 'fast-check';
import { expect, test } from 'vitest';
import { CommandFailure } from '../command/failure.ts';
import { readCaptured } from './captured-request.ts';

const token = stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const text = stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
const request = record({
  method: constantFrom('GET', 'POST', 'PURGE'),
  path: stringMatching(/^(\/[A-Za-z0-9._~%-]{0,8}){1,3}$/),
  query: stringMatching(/^(\?[A-Za-z0-9=&-]{0,12})?$/),
  fields: array(tuple(token, text), { maxLength: 6 }),
  body: stringMatching(/^[ -~]{0,40}$/),
});

test('a request is read back as it was written, as raw HTTP and as JSON', () => {
  verify(
    property(request, constantFrom('\r\n', '\n'), ({ method, path, query, fields, body }, lineBreak) => {
      const named = fields.filter(([name]) => !['host', 'content-length', 'transfer-encoding'].includes(name));
      const all: [string, string][] = [['host', 'a.example'], ...named, ['content-length', String(body.length)]];
      const head = [`${method} ${path}${query} HTTP/1.1`, ...all.map((field) => field.join(': '))].join(lineBreak);
      const expected = { method, path, query, authority: 'a.example', fields: all, remarks: [] };
      const raw = readCaptured(Buffer.from(`${head}${lineBreak}${lineBreak}${body}`));
      expect(raw).toMatchObject(expected);
      expect(Buffer.from(raw.body).toString()).toBe(body);
      const json = readCaptured(
        Buffer.from(JSON.stringify({ method, url: `https://a.example${path}${query}`, headers: all, body })),
      );
      expect(json).toMatchObject(expected);
      expect(Buffer.from(json.body).toString()).toBe(body);
    }),
  );
});

test('whatever else comes in is read, or refused in words', () => {
  const anything = [
    uint8Array({ maxLength: 200 }),
    string({ maxLength: 200 }).map((each) => Buffer.from(each)),
  ] as const;
  for (const input of anything) {
    verify(
      property(input, (bytes) => {
        try {
          expect(readCaptured(bytes).method).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(CommandFailure);
        }
      }),
    );
  }
});

test.each([
  ['GET https://A.example:443/x HTTP/1.1', 'a.example'],
  ['GET http://a.example:80/ HTTP/1.1', 'a.example'],
  ['GET http://a.example:443/ HTTP/1.1', 'a.example:443'],
  ['GET / HTTP/1.1\nHost: A.example:8080', 'a.example:8080'],
])('the authority of %j is %s', (raw, authority) => {
  expect(readCaptured(Buffer.from(raw)).authority).toBe(authority);
});
