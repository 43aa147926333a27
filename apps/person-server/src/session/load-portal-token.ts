import { randomBytes } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import type { Logger } from '@aauth-stack/service/logger';
import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { generatedPortalTokens } from '../db/schema.ts';
import { hashPortalToken, isWeakPortalToken, type PortalToken } from './portal-token.ts';

export interface PortalTokenOptions {
  db: Database;
  personId: string;
  /** `AAUTH_PORTAL_TOKEN`. */
  configured: string | undefined;
  now: Clock;
  log: Logger;
  /** Shows a line to whoever started this server. Not the log: the line holds the token. */
  announce: (line: string) => void;
}

/**
 * The portal token of this deployment: the configured one, else one made at random at the first start and shown then,
 * once. Only its hash is stored, so that a restart and a second replica know it too.
 */
export async function loadPortalToken(options: PortalTokenOptions): Promise<PortalToken> {
  const { configured, log } = options;
  if (configured === undefined) return loadGeneratedToken(options);
  if (isWeakPortalToken(configured)) {
    log.warn(
      'AAUTH_PORTAL_TOKEN is easy to guess. It is accepted because this server is only reachable on this machine.',
    );
  }
  return { hash: hashPortalToken(configured) };
}

async function loadGeneratedToken({ db, personId, now, log, announce }: PortalTokenOptions): Promise<PortalToken> {
  const token = randomBytes(32).toString('base64url');
  const [created] = await db
    .insert(generatedPortalTokens)
    .values({ personId, tokenHash: hashPortalToken(token), createdAt: toDate(now()) })
    .onConflictDoNothing()
    .returning();
  if (created) {
    announce(`The portal token, shown this once: ${token}`);
    return { hash: created.tokenHash };
  }
  const [existing] = await db.select().from(generatedPortalTokens).where(eq(generatedPortalTokens.personId, personId));
  if (!existing) throw new Error('The generated portal token vanished from the database while it was read.');
  log.info(
    { createdAt: existing.createdAt },
    'The portal token made at the first start still holds. Set AAUTH_PORTAL_TOKEN to choose another.',
  );
  return { hash: existing.tokenHash };
}
