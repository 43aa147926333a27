import { timestamp } from 'drizzle-orm/pg-core';

/** A column for a moment of a `Clock`. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
