import type { Clock } from '@aauth-stack/aauth/clock';
import { RateLimitError } from '@aauth-stack/aauth/errors';
import { and, eq, gt, max, ne } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { resourceUses } from '../db/schema.ts';
import type { Step } from '../environment.ts';

const windowSeconds = 3600;

export interface LimitResourcesOptions {
  db: Database;
  now: Clock;
  /** Distinct resources for which one agent may ask within an hour, granted or not. */
  maxResources: number;
}

/** Keeps an agent from collecting identifiers of the person without end (AAuth Protocol, "Person Token Endpoint"). 429. */
export function limitResources({ db, now, maxResources }: LimitResourcesOptions): Step {
  return async function limitResources(c, next) {
    const { issuer, agent } = c.get('agentToken');
    const others = await db
      .select({ resource: resourceUses.resource, asked: max(resourceUses.lastUsedAt) })
      .from(resourceUses)
      .where(
        and(
          eq(resourceUses.agentProvider, issuer),
          eq(resourceUses.agentId, agent),
          gt(resourceUses.lastUsedAt, toDate(now() - windowSeconds)),
          ne(resourceUses.resource, c.get('resource')),
        ),
      )
      .groupBy(resourceUses.resource);
    if (others.length >= maxResources) {
      const oldest = Math.min(...others.map(({ asked }) => asked?.getTime() ?? 0)) / 1000;
      throw new RateLimitError(
        'rate_limited',
        `${agent} has asked for ${others.length} resources within an hour; no more are allowed.`,
        Math.max(1, Math.ceil(oldest + windowSeconds - now())),
      );
    }
    await next();
  };
}
