import * as z from 'zod/mini';
import { moment } from './moment.ts';
import { tokenType } from './tokens.ts';

export const activityKinds = [
  'enrolment-approved',
  'enrolment-denied',
  'agent-revoked',
  'provider-added',
  'provider-removed',
  'consent-asked',
  'consent-approved',
  'consent-denied',
  'consent-ended',
  'consent-withdrawn',
  'question-asked',
  'question-answered',
  'token-issued',
  'token-refused',
  'token-revoked',
  'settings-changed',
  'signed-in',
  'signed-out',
  'sessions-ended',
] as const;

export type ActivityKind = (typeof activityKinds)[number];

/** `GET /person/activity`: a page of what was decided and done, newest first. */
export const activitySchema = z.object({
  entries: z.array(
    z.object({
      id: z.string(),
      at: moment,
      kind: z.enum(activityKinds),
      outcome: z.enum(['done', 'sent', 'refused', 'unanswered']),
      agent_id: z.nullable(z.string()),
      agent_name: z.nullable(z.string()),
      agent_provider: z.nullable(z.string()),
      resource: z.nullable(z.string()),
      resource_name: z.nullable(z.string()),
      scopes: z.array(z.string()),
      token_type: z.nullable(tokenType),
      jti: z.nullable(z.string()),
      pending_id: z.nullable(z.string()),
      on_behalf_of: z.nullable(z.string()),
      reason: z.nullable(z.string()),
      justification: z.nullable(z.string()),
      via: z.nullable(z.enum(['cookie', 'bearer'])),
      detail: z.nullable(z.string()),
    }),
  ),
  next: z.nullable(z.string()),
});

export type ActivityEntry = z.output<typeof activitySchema>['entries'][number];
