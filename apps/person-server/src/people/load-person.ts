import { randomUUID } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { people } from '../db/schema.ts';

const role = 'owner';

/** The person of this deployment, made at the first start. Of two replicas that start at once, both get the same one. */
export async function loadPerson({ db, now }: { db: Database; now: Clock }): Promise<string> {
  await db
    .insert(people)
    .values({ id: randomUUID(), role, createdAt: toDate(now()) })
    .onConflictDoNothing();
  const [person] = await db.select().from(people).where(eq(people.role, role));
  if (!person) throw new Error('The person of this deployment vanished from the database while it was read.');
  return person.id;
}
