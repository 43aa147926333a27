import * as z from 'zod/mini';
import { moment } from './moment.ts';

const status = z.enum([
  'pending',
  'interacting',
  'clarifying',
  'approved',
  'denied',
  'expired',
  'abandoned',
  'cancelled',
  'revoked',
]);

export type ConsentStatus = z.output<typeof status>;

const texts = z.record(z.string(), z.string());

/** What an agent asks of the person: `GET /consent`, `GET /consent/{pending_id}`, one of `GET /person/requests`. */
export const consentRequestSchema = z.object({
  pending_id: z.string(),
  pending_kind: z.enum(['person-token', 'auth-token']),
  status,
  code: z.string(),
  created_at: moment,
  expires_at: moment,
  decided_at: z.nullable(moment),
  agent: z.object({
    agent_id: z.string(),
    agent_name: z.string(),
    agent_provider: z.string(),
    provider_name: z.nullable(z.string()),
    jkt: z.string(),
    approved_at: z.nullable(moment),
    live_tokens: z.number(),
    platform: z.nullable(z.string()),
    device: z.nullable(z.string()),
  }),
  on_behalf_of: z.nullable(z.object({ agent_id: z.string(), agent_name: z.string() })),
  resource: z.object({
    issuer: z.string(),
    name: z.nullable(z.string()),
    description: z.nullable(z.string()),
    access_mode: z.nullable(z.string()),
    documentation_uri: z.nullable(z.string()),
    tos_uri: z.nullable(z.string()),
    policy_uri: z.nullable(z.string()),
    scope_descriptions: texts,
    metadata_read_at: z.nullable(moment),
    first_use: z.boolean(),
  }),
  scopes: z.array(z.string()),
  needs_person_scopes: z.array(z.string()),
  identity_scopes: z.array(z.string()),
  reason: z.enum(['first-use-asks', 'always-asks', 'scope-needs-person', 'unnamed-scope-needs-person', 'agent-asks']),
  justification: z.nullable(z.string()),
  account: z.nullable(z.string()),
  tenant: z.nullable(z.string()),
  login_hint: z.nullable(z.string()),
  grant_until: moment,
  can_remember: z.boolean(),
  questions: z.array(
    z.object({
      question: z.string(),
      asked_at: moment,
      answer: z.nullable(z.string()),
      answered_at: z.nullable(moment),
      updated_request: z.boolean(),
    }),
  ),
  questions_left: z.number(),
  interaction: z.nullable(z.object({ url: z.string(), state: z.enum(['needed', 'done']) })),
  granted_scopes: z.nullable(z.array(z.string())),
  remembered: z.boolean(),
  redirect_url: z.nullable(z.string()),
});

export type ConsentRequest = z.output<typeof consentRequestSchema>;

/** `GET /person/requests` */
export const consentRequestsSchema = z.array(consentRequestSchema);

/** What the person answers: `POST /consent/{pending_id}/decision`. */
export type ConsentDecision =
  | { approved: true; scopes?: string[]; remember: boolean }
  | { approved: false }
  | { clarification_question: string };

/** `GET /person/consents`: what the person agreed to and has not taken back. */
export const consentsSchema = z.array(
  z.object({
    consent_id: z.string(),
    agent_id: z.string(),
    agent_name: z.string(),
    agent_provider: z.string(),
    resource: z.string(),
    resource_name: z.nullable(z.string()),
    scopes: z.array(z.string()),
    scope_descriptions: texts,
    remembered: z.boolean(),
    given_at: moment,
    last_used_at: z.nullable(moment),
    live_tokens: z.number(),
  }),
);

export type Consent = z.output<typeof consentsSchema>[number];

/** `POST /person/consents/{consent_id}/withdraw` */
export const withdrawnSchema = z.object({ revoked_tokens: z.number() });
