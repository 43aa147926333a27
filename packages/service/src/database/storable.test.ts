import fc from 'fast-check';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../testing/index.ts';
import { isStorable, storable, storableText } from './storable.ts';

test('what can be held stays as it is', () => {
  const value = { a: ['é', { b: '😀\n\t\u0001' }], c: null, d: 1, e: true };
  expect(storable(value)).toEqual(value);
  expect(isStorable(value)).toBe(true);
  expect(storableText('😀\n\u0001')).toBe('😀\n\u0001');
});

test('NUL and halves of characters become U+FFFD, wherever they are, and what was given is not changed', () => {
  const value = { 'a\0': ['b\0', { c: '\ud800' }], d: 'x' };
  expect(storable(value)).toEqual({ 'a\ufffd': ['b\ufffd', { c: '\ufffd' }], d: 'x' });
  expect(value).toEqual({ 'a\0': ['b\0', { c: '\ud800' }], d: 'x' });
  expect(storableText('\udc00\0')).toBe('\ufffd\ufffd');
});

test.each([['a\0'], [{ 'a\0': 1 }], [[[{ a: '\ud800' }]]]])('%j cannot be held', (value) => {
  expect(isStorable(value)).toBe(false);
});

test('how deeply a value is nested does not matter', () => {
  const depth = 100_000;
  expect(isStorable(JSON.parse(`${'['.repeat(depth)}"a"${']'.repeat(depth)}`))).toBe(true);
  expect(isStorable(JSON.parse(`${'['.repeat(depth)}"\\u0000"${']'.repeat(depth)}`))).toBe(false);
});

test('whatever a JSON value holds, PostgreSQL holds it then', async () => {
  const database = await createTestDatabase();
  const sql = postgres(database.url, { max: 1 });
  const odd = fc.constantFrom('\0', 'a\0b', '\ud800', '\udc00', '\ud83d\ude00', '\\u0000', '\\');
  const json = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });
  const value = fc.oneof(json, fc.dictionary(fc.oneof(odd, fc.string({ unit: 'binary' })), fc.oneof(odd, json)));
  try {
    await fc.assert(
      fc.asyncProperty(value, fc.oneof(odd, fc.string({ unit: 'binary' })), async (member, text) => {
        await sql`select ${sql.json({ member: storable(member) ?? null })}::jsonb, ${storableText(text)}::text`;
      }),
    );
  } finally {
    await sql.end();
    await database.drop();
  }
});
