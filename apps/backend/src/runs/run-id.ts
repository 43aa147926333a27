import { z } from 'zod';

const schema = z.uuid();

/** Whether a part of a path can be a run's id at all: the database takes nothing else. */
export function isRunId(text: string): boolean {
  return schema.safeParse(text).success;
}
