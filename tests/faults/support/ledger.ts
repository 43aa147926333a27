import { expect } from 'vitest';
import type { Stack } from './stack.ts';

const twice = {
  'a decision that was applied twice': `
    select pending_id as id from activity where kind = 'consent-approved' and via is not null
    group by pending_id having count(*) > 1
    union all select pending_id from consents group by pending_id having count(*) > 1`,
  'a request with more than one token': `
    select pending_id as id from activity where kind = 'token-issued' and outcome = 'done' and pending_id is not null
    group by pending_id having count(*) > 1`,
  'a token that was issued without a record, or recorded without being issued': `
    select coalesce(i.jti, a.jti) as id from issued_tokens i
    full join (select jti from activity where kind = 'token-issued' and outcome = 'done') a on a.jti = i.jti
    where i.jti is null or a.jti is null`,
  'more tokens than were allowed once': `
    select c.agent_id || ' at ' || c.resource as id
    from (select agent_id, resource, count(*) as times from consents
          where not remembered and type = 'aa-auth+jwt' group by agent_id, resource) c
    join (select agent_id, audience, count(*) as times from issued_tokens
          where reason = 'consent' and type = 'aa-auth+jwt' group by agent_id, audience) i
      on i.agent_id = c.agent_id and i.audience = c.resource
    where i.times > c.times`,
  'a token that was collected but not issued': `
    select id from pending_requests p where status = 'approved' and collected_at is not null
    and not exists (select 1 from activity a where a.pending_id = p.id and a.kind in ('token-issued', 'token-refused'))`,
};

/** Makes sure that what the Person Server has on record fits together. */
export async function checkLedger({ postgres }: Stack): Promise<void> {
  for (const [what, query] of Object.entries(twice)) {
    expect(await postgres.rows<{ id: string }>('person_server', query), what).toEqual([]);
  }
}

/** How many requests got a token that their agent may never have seen. */
export async function isCollected({ postgres }: Stack, pendingId: string): Promise<boolean> {
  const query = `select 1 as one from pending_requests where id = '${pendingId}' and collected_at is not null`;
  return (await postgres.rows('person_server', query)).length === 1;
}
