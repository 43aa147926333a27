import { createHmac, randomBytes } from 'node:crypto';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { directedSubjectSecrets } from '../db/schema.ts';

const purpose = 'person';

/**
 * Whom a resource knows a person as (AAuth Protocol, "Directed Identifiers"): the same for ever, another one at every resource,
 * and nothing that the person could be found by without this server's secret.
 */
export type DirectedSubject = (personId: string, resource: ServerIdentifier) => string;

/** Derives identifiers with the secret of this deployment, made at the first start. Of two replicas that start at once, both get the same one. */
export async function loadDirectedSubject(db: Database): Promise<DirectedSubject> {
  const created = randomBytes(32).toString('base64url');
  await db.insert(directedSubjectSecrets).values({ purpose, secret: created }).onConflictDoNothing();
  const [row] = await db.select().from(directedSubjectSecrets).where(eq(directedSubjectSecrets.purpose, purpose));
  if (!row) throw new Error('The secret of the directed identifiers vanished from the database while it was read.');
  const secret = Buffer.from(row.secret, 'base64url');
  return (personId, resource) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([personId, resource]))
      .digest('base64url');
}
