import { RequestError } from '@aauth-stack/aauth/errors';
import fc from 'fast-check';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { Environment } from './environment.ts';
import { pageOf, readPageRequest } from './paging.ts';

interface Row {
  at: Date;
  id: string;
}

const row = fc.record({ at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }), id: fc.uuid() });

/** What `readPageRequest` makes of a query. */
async function read(query: Record<string, string>) {
  const app = new Hono<Environment>();
  app.get('/', (c) => c.json(readPageRequest(c, 50)));
  app.onError((error, c) => c.json({ refused: error instanceof RequestError && error.code }, 400));
  return Object(await (await app.request(`/?${new URLSearchParams(query)}`)).json());
}

test('the next page begins after the last entry of this one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 20 }),
      async (rows, limit) => {
        const page = pageOf<Row>(rows, limit, (entry) => entry);
        expect(page.entries).toEqual(rows.slice(0, limit));
        if (rows.length <= limit) {
          expect(page.next).toBeNull();
          return;
        }
        const last = rows[limit - 1];
        expect(await read({ before: page.next ?? '' })).toEqual({
          limit: 50,
          before: { at: last?.at.toISOString(), id: last?.id },
        });
      },
    ),
  );
});

test('a cursor that is none, and a limit out of bounds, are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      const answer = await read({ before: text });
      expect(answer.refused ?? 'invalid_request').toBe('invalid_request');
    }),
  );
  for (const limit of ['0', '-1', '201', '1.5', 'all', '']) {
    expect(await read({ limit })).toEqual({ refused: 'invalid_request' });
  }
  expect(await read({ limit: '200' })).toEqual({ limit: 200 });
});

test('a cursor of a year that PostgreSQL does not know is none', async () => {
  const before = (at: string) => Buffer.from(`${at} a`).toString('base64url');
  expect(await read({ before: before('2026-01-01T00:00:00.000Z') })).toMatchObject({ before: { id: 'a' } });
  expect(await read({ before: before('0000-01-01T00:00:00.000Z') })).toEqual({ refused: 'invalid_request' });
});
