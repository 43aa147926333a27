import { sql } from 'drizzle-orm';
import type { Database } from '../src/db/database.ts';

/** Agents among whom the records are spread. */
const agents = 100;

export interface FillOptions {
  /** Whose agents' the tokens are. */
  provider?: string;
  /** Whose the tokens are; else those of a hundred agents. */
  agentId?: string;
  /** Begins the identifiers, which have to be new. */
  prefix?: string;
}

/**
 * Adds what a server holds that has issued so many tokens within the hour: each with its agent token, its line in the activity and,
 * for one in four, a request that the person decided. The tokens come in pairs: one was shown for the other.
 *
 * @param time seconds since the epoch
 */
export async function fillDatabase(
  db: Database,
  total: number,
  time: number,
  { agentId, provider = 'https://provider.example', prefix: begin = 'filled' }: FillOptions = {},
): Promise<void> {
  const agent =
    agentId === undefined ? sql`'aauth:agent-' || n % ${agents} || '@provider.example'` : sql`${agentId}::text`;
  const own =
    agentId === undefined
      ? sql`${provider}::text`
      : sql`(select agent_provider from agents where agent_id = ${agentId})`;
  const resource = sql`'https://resource-' || n % 50 || '.example'`;
  const prefix = sql`${begin}::text || '-'`;
  const now = sql`to_timestamp(${time})`;
  const person = sql`(select id from people limit 1)`;
  const issuedAt = sql`${now} - (n % 3000) * interval '1 second'`;
  const numbers = sql`from generate_series(1, ${total}::int) n`;
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      insert into issued_tokens (jti, type, kid, person_id, agent_provider, agent_id, agent_jti, jkt, audience, subject, scope, reason,
        presented_jti, issued_at, expires_at)
      select ${prefix} || n, case n % 2 when 0 then 'aa-auth+jwt' else 'aa-person+jwt' end, (select kid from signing_keys limit 1),
        ${person}, ${own}, ${agent}, 'agent-' || n, md5(n::text), ${resource}, md5(${resource}), '{read}', 'standing-policy',
        case n % 2 when 0 then ${prefix} || n - 1 end, ${issuedAt}, ${issuedAt} + interval '1 hour'
      ${numbers}`);
    await tx.execute(sql`
      insert into accepted_agent_tokens (issuer, jti, agent_id, expires_at)
      select ${own}, ${prefix} || n, ${agent}, ${issuedAt} + interval '1 hour' ${numbers}`);
    await tx.execute(sql`
      insert into activity (id, person_id, at, kind, outcome, agent_provider, agent_id, agent_name, resource, scope, token_type, jti, reason)
      select gen_random_uuid(), ${person}, ${issuedAt}, 'token-issued', 'done', ${own}, ${agent}, 'Agent ' || n % ${agents}, ${resource},
        '{read}', 'aa-auth+jwt', ${prefix} || n, 'standing-policy'
      ${numbers}`);
    await tx.execute(sql`
      insert into pending_requests (id, status, person_id, type, agent_provider, agent_id, jkt, public_jwk, agent_token_expires_at, resource,
        scope, reason, needs_person, may_be_remembered, needs_fresh_session, capabilities, code_hash, created_at, expires_at, decided_at,
        collected_at)
      select ${prefix} || n, 'approved', ${person}, 'aa-auth+jwt', ${own}, ${agent}, md5(n::text), '{}', ${now}, ${resource}, '{read}',
        'first-use-asks', '{}', true, false, '{}', ${prefix} || n, ${issuedAt}, ${issuedAt} + interval '10 minutes', ${issuedAt}, ${issuedAt}
      ${numbers} where n % 4 = 0`);
    await tx.execute(sql`
      insert into consents (id, person_id, agent_provider, agent_id, type, resource, asked_scope, scope, remembered, pending_id, given_at,
        valid_until, last_used_at)
      select gen_random_uuid(), ${person}, ${own}, ${agent}, 'aa-auth+jwt', ${resource}, '{read}', '{read}', false, ${prefix} || n,
        ${issuedAt}, ${issuedAt}, ${issuedAt}
      ${numbers} where n % 4 = 0`);
    await tx.execute(sql`
      insert into resource_uses (person_id, resource, agent_provider, agent_id, first_used_at, last_used_at, granted_at)
      select distinct ${person}, ${resource}, ${own}, ${agent}, ${now}, ${now}, ${now} ${numbers}
      on conflict do nothing`);
    await tx.execute(sql`
      insert into revoked_tokens (issuer, jti, revoked_at, expires_at)
      select 'https://other.example', ${prefix} || n, ${now}, ${now} + interval '1 hour' ${numbers} where n % 4 = 0`);
  });
  await db.execute(sql`analyze`);
}
