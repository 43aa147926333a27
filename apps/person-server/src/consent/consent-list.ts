import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import { and, desc, eq, gt, isNull, or } from 'drizzle-orm';
import { z } from 'zod';
import { agentLabel } from '../agents/agent-label.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { agents, consents, issuedTokens } from '../db/schema.ts';
import type { AppContext } from '../environment.ts';
import type { Revocations } from '../revocation/revocations.ts';
import { currentSession } from '../session/person-session.ts';
import type { ConsentRecord } from './consents.ts';
import type { Parties } from './parties.ts';

export interface ConsentListOptions {
  db: Database;
  parties: Parties;
  now: Clock;
}

/** GET /person/consents: what the person agreed to and has not taken back, the newest first. */
export function listConsents(options: ConsentListOptions) {
  const { db, now } = options;
  return async (c: AppContext) => {
    const rows = await db
      .select({ consent: consents, agent: agents })
      .from(consents)
      .leftJoin(agents, and(eq(agents.agentProvider, consents.agentProvider), eq(agents.agentId, consents.agentId)))
      .where(
        and(
          eq(consents.personId, currentSession(c).personId),
          isNull(consents.withdrawnAt),
          or(eq(consents.remembered, true), gt(consents.validUntil, toDate(now()))),
        ),
      )
      .orderBy(desc(consents.givenAt), consents.id);
    return c.json(await Promise.all(rows.map(({ consent, agent }) => shown(options, consent, agent))));
  };
}

/** POST /person/consents/{consent_id}/withdraw: the agent is asked about again, and what it has for that resource is revoked. */
export function withdrawConsent(revocations: Pick<Revocations, 'withdrawConsent'>) {
  return async (c: AppContext) => {
    const id = z.uuid().safeParse(c.req.param('id')).data;
    if (id === undefined) throw new RequestError('not_found', 'There is no such consent.', { status: 404 });
    return c.json({ revoked_tokens: await revocations.withdrawConsent(currentSession(c), id) });
  };
}

async function shown(
  { db, parties, now }: ConsentListOptions,
  consent: ConsentRecord,
  agent: typeof agents.$inferSelect | null,
) {
  const { agentProvider, agentId, resource: issuer, scope } = consent;
  const live = and(
    eq(issuedTokens.agentProvider, agentProvider),
    eq(issuedTokens.agentId, agentId),
    eq(issuedTokens.audience, issuer),
    isNull(issuedTokens.revokedAt),
    gt(issuedTokens.expiresAt, toDate(now())),
  );
  const [resource, liveTokens, intermediary] = await Promise.all([
    parties.resource(issuer),
    db.$count(issuedTokens, live),
    // An agent that belongs to nobody serves another's call, and is its own provider.
    agent ? undefined : parties.provider(agentProvider),
  ]);
  const { name: resourceName, scope_descriptions } = resource.shown(scope);
  return {
    consent_id: consent.id,
    agent_id: agentId,
    agent_name: agent?.name ?? intermediary?.name ?? agentLabel(agentId),
    agent_provider: agentProvider,
    resource: issuer,
    resource_name: resourceName,
    scopes: scope,
    scope_descriptions,
    remembered: consent.remembered,
    given_at: consent.givenAt.toISOString(),
    last_used_at: consent.lastUsedAt?.toISOString() ?? null,
    live_tokens: liveTokens,
  };
}
