import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Database } from './database.ts';
import { derivationSecrets } from './schema.ts';

/** The secret of this deployment for one purpose, made at the first start. Of two replicas that start at once, both get the same one. */
export async function loadSecret(
  db: Database,
  purpose: (typeof derivationSecrets.$inferSelect)['purpose'],
): Promise<Buffer> {
  const created = randomBytes(32).toString('base64url');
  await db.insert(derivationSecrets).values({ purpose, secret: created }).onConflictDoNothing();
  const [row] = await db.select().from(derivationSecrets).where(eq(derivationSecrets.purpose, purpose));
  if (!row) throw new Error(`The secret for "${purpose}" vanished from the database while it was read.`);
  return Buffer.from(row.secret, 'base64url');
}
