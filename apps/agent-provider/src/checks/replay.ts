import type { Clock } from '@aauth-stack/aauth/clock';
import { SignatureError, UnavailableError } from '@aauth-stack/aauth/errors';
import { isReplayChecked, type ReplayCache, replayExpiry, replayId } from '@aauth-stack/aauth/signatures';
import { count, lt } from 'drizzle-orm';
import type { MiddlewareHandler } from 'hono';
import type { Queries } from '../db/queries.ts';
import { seenSignatures } from '../db/schema.ts';
import type { ProviderEnv, SignedRequest } from './env.ts';

/**
 * Refuses a signature that was accepted before, also by another replica. Polls are among what it stands before although
 * they are GETs: one of them collects a result that exists once.
 */
export function refuseReplay(replay: ReplayCache): MiddlewareHandler<ProviderEnv> {
  return async function refuseReplayedRequest(c, next) {
    await claim(replay, c.get('signedRequest'));
    await next();
  };
}

/** The same for requests that change something; whoever only reads may do so twice within a second. */
export function refuseReplayedChange(replay: ReplayCache): MiddlewareHandler<ProviderEnv> {
  return async function refuseReplayedChangeRequest(c, next) {
    const signedRequest = c.get('signedRequest');
    if (isReplayChecked(signedRequest.message, signedRequest.signature)) await claim(replay, signedRequest);
    await next();
  };
}

async function claim(replay: ReplayCache, { signature }: SignedRequest): Promise<void> {
  if (await replay.claim(replayId(signature), replayExpiry(signature))) return;
  throw new SignatureError('invalid_signature', 'This request was received before; sign it again to repeat it.');
}

export interface DatabaseReplayCache extends ReplayCache {
  /** Forgets what is too old to be accepted anyway. */
  purge(): Promise<void>;
}

/** A replay cache in the database. When it is full of signatures that still count, it refuses instead of forgetting one. */
export function createDatabaseReplayCache({
  db,
  now,
  maxEntries,
}: {
  db: Queries;
  now: Clock;
  maxEntries: number;
}): DatabaseReplayCache {
  let entries = 0;

  async function purge(): Promise<void> {
    await db.delete(seenSignatures).where(lt(seenSignatures.expiresAt, now()));
    const [row] = await db.select({ rows: count() }).from(seenSignatures);
    entries = row?.rows ?? 0;
  }

  return {
    purge,
    async claim(id, expiresAt) {
      if (entries >= maxEntries) await purge();
      if (entries >= maxEntries) {
        throw new UnavailableError('Too many signed requests to remember which ones have been seen.');
      }
      const rows = await db
        .insert(seenSignatures)
        .values({ id, expiresAt })
        .onConflictDoNothing()
        .returning({ id: seenSignatures.id });
      entries += rows.length;
      return rows.length === 1;
    },
  };
}
