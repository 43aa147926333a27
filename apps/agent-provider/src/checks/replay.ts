import type { Clock } from '@aauth-stack/aauth/clock';
import { SignatureError } from '@aauth-stack/aauth/errors';
import {
  createStoredReplayCache,
  isReplayChecked,
  type ReplayCache,
  type ReplayCaller,
  replayCaller,
  replayExpiry,
  replayId,
  type StoredReplayCache,
} from '@aauth-stack/aauth/signatures';
import { count, sql } from 'drizzle-orm';
import type { MiddlewareHandler } from 'hono';
import { findAgentByStableKey } from '../agents/storage.ts';
import type { Queries } from '../db/queries.ts';
import { seenSignatures } from '../db/schema.ts';
import type { ProviderEnv, SignedRequest } from './env.ts';

/**
 * Refuses a signature that was accepted before, also by another replica. Polls are among what it stands before although
 * they are GETs: one of them collects a result that exists once.
 */
export function refuseReplay(replay: ReplayCache, db: Queries): MiddlewareHandler<ProviderEnv> {
  // Anybody can make a stable key. However many strangers do, what is left is for the agents that are enrolled.
  async function callerOf({ signature }: SignedRequest): Promise<ReplayCaller> {
    const { identity } = signature;
    const agent = identity.scheme === 'jkt-jwt' && (await findAgentByStableKey(db, identity.stableKey.thumbprint));
    return agent ? [agent.agentId] : replayCaller(signature);
  }

  return async function refuseReplayedRequest(c, next) {
    const signedRequest = c.get('signedRequest');
    await claim(replay, signedRequest, await callerOf(signedRequest));
    await next();
  };
}

/** The same for requests that change something; whoever only reads may do so twice within a second. */
export function refuseReplayedChange(replay: ReplayCache): MiddlewareHandler<ProviderEnv> {
  return async function refuseReplayedChangeRequest(c, next) {
    const signedRequest = c.get('signedRequest');
    const { message, signature } = signedRequest;
    if (isReplayChecked(message, signature)) await claim(replay, signedRequest, replayCaller(signature));
    await next();
  };
}

async function claim(replay: ReplayCache, { signature }: SignedRequest, caller: ReplayCaller): Promise<void> {
  if (await replay.claim(replayId(signature), replayExpiry(signature), caller)) return;
  throw new SignatureError('invalid_signature', 'This request was received before; sign it again to repeat it.');
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
}): StoredReplayCache {
  return createStoredReplayCache({
    maxEntries,
    now,
    store: {
      async add(id, expiresAt) {
        const row = { id: seenSignatures.id };
        const rows = await db.insert(seenSignatures).values({ id, expiresAt }).onConflictDoNothing().returning(row);
        return rows.length === 1;
      },
      async dropExpired(before) {
        // By both clocks: a replica whose own is ahead does not drop what the others still need.
        const [dropped] = await db.execute<{ from: number | null; to: number | null }>(sql`
          with dropped as (
            delete from ${seenSignatures}
            where ${seenSignatures.expiresAt} < least(${before}::double precision, extract(epoch from clock_timestamp()))
            returning ${seenSignatures.expiresAt}
          )
          select min(expires_at) as "from", max(expires_at) as "to" from dropped`);
        const [row] = await db.select({ left: count() }).from(seenSignatures);
        const { from, to } = dropped ?? {};
        return { left: row?.left ?? 0, dropped: from == null || to == null ? undefined : { from, to } };
      },
    },
  });
}
