import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { parseThumbprint, thumbprintUri } from '@aauth-stack/aauth/keys';
import { Hono } from 'hono';
import { z } from 'zod';
import { parseJsonBody } from '../checks/body.ts';
import type { ProviderEnv } from '../checks/env.ts';
import type { Queries } from '../db/queries.ts';
import type { Decisions } from '../enrolments/decisions.ts';
import { selectPending } from '../enrolments/storage.ts';
import { isoTime } from './iso-time.ts';

const approval = z.object({ person_id: z.string().min(1).max(255) });

/** `/person/registrations`: the enrolments that wait, and the person's decisions about them. */
export function registrationRoutes(options: {
  db: Queries;
  now: Clock;
  personServer: ServerIdentifier;
  decisions: Decisions;
}): Hono<ProviderEnv> {
  const { db, now, personServer, decisions } = options;
  return new Hono<ProviderEnv>()
    .get('/', async (c) => {
      const pending = await selectPending(db, now());
      return c.json(
        pending.map((enrolment) => ({
          id: enrolment.id,
          agent_name: enrolment.agentName,
          stable_jkt: thumbprintUri(parseThumbprint(enrolment.stableJkt)),
          ps: personServer,
          callback: enrolment.callback,
          created_at: isoTime(enrolment.createdAt),
          expires_at: isoTime(enrolment.expiresAt),
          status: enrolment.status,
        })),
      );
    })
    .post('/:id/approve', async (c) => {
      const parsed = approval.safeParse(await parseJsonBody(c));
      if (!parsed.success) {
        throw new RequestError('invalid_request', 'The body must be {"person_id": "…"} with 1 to 255 characters.');
      }
      const { agentId, agentName } = await decisions.approve(c.req.param('id'), parsed.data.person_id);
      return c.json({ agent_id: agentId, agent_name: agentName });
    })
    .post('/:id/deny', async (c) => {
      await decisions.deny(c.req.param('id'));
      return c.json({});
    });
}
