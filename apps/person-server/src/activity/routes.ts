import { RequestError } from '@aauth-stack/aauth/errors';
import { nameAgents } from '../agents/agent-label.ts';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { readPageRequest } from '../paging.ts';
import type { ResourceCatalogue } from '../resources/catalogue.ts';
import { currentSession } from '../session/person-session.ts';
import { type ActivityKind, activityKinds } from './kinds.ts';
import { type FoundActivity, searchActivity } from './search.ts';

const defaultLimit = 50;
const mostWords = 10;

export interface ActivityRouteOptions {
  db: Database;
  catalogue: ResourceCatalogue;
}

/** GET /person/activity?q=&kind=&before=&limit= */
export function listActivity({ db, catalogue }: ActivityRouteOptions) {
  return async (c: AppContext) => {
    const { personId } = currentSession(c);
    const query = { personId, words: readWords(c), kinds: readKinds(c), ...readPageRequest(c, defaultLimit) };
    const { entries, next } = await searchActivity(db, query);
    catalogue.refresh(entries.flatMap(({ resource }) => resource ?? []));
    const nameOf = await nameAgents(catalogue, entries);
    return c.json({ entries: entries.map((entry) => ({ ...shown(entry), agent_name: nameOf(entry) })), next });
  };
}

function readWords(c: AppContext): readonly string[] {
  const words = (c.req.query('q') ?? '').split(/\s+/).filter(Boolean);
  if (words.length <= mostWords) return words;
  throw new RequestError('invalid_request', `q has more than ${mostWords} words.`);
}

function readKinds(c: AppContext): readonly ActivityKind[] | undefined {
  const asked = c.req.query('kind');
  if (!asked) return undefined;
  const kinds = asked.split(',');
  const known = activityKinds.filter((kind) => kinds.includes(kind));
  if (known.length === new Set(kinds).size) return known;
  throw new RequestError('invalid_request', `kind is a list, with commas, of: ${activityKinds.join(', ')}.`);
}

function shown(entry: FoundActivity) {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    kind: entry.kind,
    outcome: entry.outcome,
    agent_id: entry.agentId,
    agent_provider: entry.agentProvider,
    resource: entry.resource,
    resource_name: entry.resourceName,
    scopes: entry.scope,
    token_type: entry.tokenType,
    jti: entry.jti,
    pending_id: entry.pendingId,
    on_behalf_of: entry.onBehalfOf,
    reason: entry.reason,
    justification: entry.justification,
    via: entry.via,
    detail: entry.detail,
  };
}
