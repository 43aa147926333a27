import { RequestError } from '@aauth-stack/aauth/errors';
import { z } from 'zod';
import type { AppContext } from './environment.ts';

/** Where a page of a list begins, newest first: after this entry. */
export interface Cursor {
  readonly at: Date;
  readonly id: string;
}

export interface PageRequest {
  readonly limit: number;
  readonly before: Cursor | undefined;
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  /** What `before` has to be for the next page; null when there is none. */
  readonly next: string | null;
}

const longestPage = 200;

/**
 * Reads `limit` and `before` of a query.
 *
 * @throws RequestError `invalid_request`
 */
export function readPageRequest(c: AppContext, defaultLimit: number): PageRequest {
  const limit = z.coerce.number().int().min(1).max(longestPage).default(defaultLimit).safeParse(c.req.query('limit'));
  if (!limit.success) {
    throw new RequestError('invalid_request', `limit is a number from 1 to ${longestPage}.`, { cause: limit.error });
  }
  const before = c.req.query('before');
  return { limit: limit.data, before: before === undefined ? undefined : parseCursor(before) };
}

/** One page of rows that were selected with one more than its limit. */
export function pageOf<Row>(rows: readonly Row[], limit: number, cursorOf: (row: Row) => Cursor): Page<Row> {
  const entries = rows.slice(0, limit);
  const last = entries.at(-1);
  return { entries, next: last && rows.length > limit ? formatCursor(cursorOf(last)) : null };
}

function formatCursor({ at, id }: Cursor): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');
}

// PostgreSQL knows no year 0.
const moment = z.iso.datetime().refine((at) => Date.parse(at) >= 0);
const cursorSchema = z.tuple([moment, z.string().regex(/^[\w-]{1,64}$/)]);

function parseCursor(text: string): Cursor {
  const parsed = cursorSchema.safeParse(Buffer.from(text, 'base64url').toString().split(' '));
  if (!parsed.success) {
    throw new RequestError('invalid_request', 'before is no "next" of this list.', { cause: parsed.error });
  }
  const [at, id] = parsed.data;
  return { at: new Date(at), id };
}
