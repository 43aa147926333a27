import type { Clock } from '@aauth-stack/aauth/clock';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { currentSession } from '../session/person-session.ts';
import type { DescribedResource, ResourceCatalogue } from './catalogue.ts';
import { listUses, type UsedResource } from './uses.ts';

export interface ResourceRouteOptions {
  db: Database;
  catalogue: ResourceCatalogue;
  now: Clock;
}

/** GET /person/resources: those that a token was asked for. */
export function listResources({ db, catalogue, now }: ResourceRouteOptions) {
  return async (c: AppContext) => {
    const uses = await listUses(db, currentSession(c).personId, now());
    const described = await catalogue.describe(uses.map(({ resource }) => resource));
    return c.json(uses.map((use) => shown(use, described.get(use.resource))));
  };
}

const undescribed = {
  name: null,
  description: null,
  access_mode: null,
  documentation_uri: null,
  tos_uri: null,
  policy_uri: null,
  revocation_supported: false,
  scope_descriptions: {},
};

function shown({ resource, firstUsedAt, lastUsedAt, agents, liveTokens }: UsedResource, described?: DescribedResource) {
  const { readAt, ...description } = described ?? { ...undescribed, readAt: undefined };
  return {
    issuer: resource,
    ...description,
    metadata_read_at: readAt?.toISOString() ?? null,
    first_used_at: firstUsedAt.toISOString(),
    last_used_at: lastUsedAt.toISOString(),
    agents,
    live_tokens: liveTokens,
  };
}
