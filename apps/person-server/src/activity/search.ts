import { and, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { activity, resourceDescriptions } from '../db/schema.ts';
import { type Page, type PageRequest, pageOf } from '../paging.ts';
import type { ActivityKind } from './kinds.ts';
import type { ActivityRecord } from './record.ts';

export interface ActivityQuery extends PageRequest {
  readonly personId: string;
  /** Each has to occur. */
  readonly words: readonly string[];
  /** Undefined: all. */
  readonly kinds: readonly ActivityKind[] | undefined;
}

/** An entry, with what its resource calls itself now. */
export interface FoundActivity extends ActivityRecord {
  readonly resourceName: string | null;
}

const resourceName = sql<string | null>`${resourceDescriptions.description} ->> 'name'`;

/** A page of what happened in a person's name, the newest first. */
export async function searchActivity(db: Database, query: ActivityQuery): Promise<Page<FoundActivity>> {
  const { personId, words, kinds, before, limit } = query;
  const rows = await db
    .select({ entry: activity, resourceName })
    .from(activity)
    .leftJoin(resourceDescriptions, eq(resourceDescriptions.resource, activity.resource))
    .where(
      and(
        eq(activity.personId, personId),
        before && sql`(${activity.at}, ${activity.id}) < (${before.at.toISOString()}, ${before.id})`,
        kinds && inArray(activity.kind, [...kinds]),
        ...words.map(occurs),
      ),
    )
    .orderBy(desc(activity.at), desc(activity.id))
    .limit(limit + 1);
  const found = rows.map((row) => ({ ...row.entry, resourceName: row.resourceName }));
  return pageOf(found, limit, ({ at, id }) => ({ at, id }));
}

const searched = sql`lower(concat_ws(' ', ${activity.agentName}, ${activity.agentId}, ${activity.agentProvider},
  ${resourceName}, ${activity.resource}, array_to_string(${activity.scope}, ' '), ${activity.jti}, ${activity.onBehalfOf}, ${activity.justification},
  ${activity.detail}))`;

// Not LIKE: a word may have its wildcards in it.
function occurs(word: string): SQL {
  return sql`position(lower(${word}) in ${searched}) > 0`;
}
