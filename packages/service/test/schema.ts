import { boolean, pgTable, text } from 'drizzle-orm/pg-core';

export const notes = pgTable('notes', {
  id: text().primaryKey(),
  done: boolean().notNull().default(false),
});
