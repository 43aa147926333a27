import { parseThumbprint, thumbprintUri } from '@aauth-stack/aauth/keys';
import { Hono } from 'hono';
import type { RevokeAgent } from '../agents/revocation.ts';
import { selectAgents } from '../agents/storage.ts';
import type { ProviderEnv } from '../checks/env.ts';
import type { Queries } from '../db/queries.ts';
import { selectRevocationSummaries } from '../revocations/storage.ts';
import { isoTime } from './iso-time.ts';

/** `/person/bindings`: the agents that were approved, revoked ones included, and their revocation. */
export function bindingRoutes({ db, revokeAgent }: { db: Queries; revokeAgent: RevokeAgent }): Hono<ProviderEnv> {
  return new Hono<ProviderEnv>()
    .get('/', async (c) => {
      const [bindings, revocations] = await Promise.all([selectAgents(db), selectRevocationSummaries(db)]);
      return c.json(
        bindings.map(({ agent, stableJkts }) => ({
          agent_id: agent.agentId,
          agent_name: agent.agentName,
          person_id: agent.personId,
          callback: agent.callback,
          created_at: isoTime(agent.createdAt),
          last_seen_at: isoTime(agent.lastSeenAt),
          device_count: stableJkts.length,
          stable_key_thumbprints: stableJkts.map((jkt) => thumbprintUri(parseThumbprint(jkt))),
          revoked: agent.revokedAt !== null,
          revoked_at: isoTime(agent.revokedAt),
          revocations: revocations
            .filter(({ agentId }) => agentId === agent.agentId)
            .map(({ recipient, state, error }) => ({ recipient, state, error })),
        })),
      );
    })
    .post('/:agentId/revoke', async (c) => {
      await revokeAgent(c.req.param('agentId'));
      return c.json({});
    });
}
