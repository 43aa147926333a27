import { z } from 'zod';

/** A value of a tool's input that asks for a page of a list. */
export const pageInput = {
  cursor: z.string().max(200).optional().describe('`next_cursor` of the page before; leave it out for the first page'),
  limit: z.int().min(1).max(100).default(50).describe('How many entries a page has at most'),
};

/** Where the next page begins; null on the last page. */
export const nextCursor = z.string().nullable().describe('Give it as `cursor` for the next page; null: there is none');

export interface PageRequest {
  cursor?: string;
  limit: number;
}

/** What the caller asked for makes no sense. The message is for them. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Of an `integer` of PostgreSQL. Nothing comes after it. */
const largestNumber = 2 ** 31 - 1;

/**
 * What the last page ended with: lists are read from the entry with the next greater (or smaller) number.
 *
 * @throws InputError for a cursor that no page has given out
 */
export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const [, number] = /^after:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (number === undefined) throw new InputError('cursor is not the next_cursor of any page of this list');
  return Math.min(Number(number), largestNumber);
}

/** @param rows one more than the page has, where there are more */
export function toPage<Row>(rows: readonly Row[], limit: number, numberOf: (row: Row) => number) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const cursor =
    rows.length > limit && last !== undefined ? Buffer.from(`after:${numberOf(last)}`).toString('base64url') : null;
  return { page, cursor };
}
