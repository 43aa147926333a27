import * as z from 'zod/mini';
import { moment } from './moment.ts';

/** `GET /person/registrations`: agents that wait for the person. */
export const registrationsSchema = z.array(
  z.object({
    id: z.string(),
    agent_name: z.string(),
    stable_jkt: z.string(),
    ps: z.nullish(z.string()),
    callback: z.nullish(z.string()),
    created_at: moment,
    expires_at: moment,
    status: z.string(),
    agent_provider: z.string(),
  }),
);

export type Registration = z.output<typeof registrationsSchema>[number];

/** `GET /person/bindings`: agents that the person once approved, revoked ones included. */
export const bindingsSchema = z.array(
  z.object({
    agent_id: z.string(),
    agent_name: z.string(),
    agent_provider: z.string(),
    person_id: z.nullish(z.string()),
    created_at: moment,
    last_seen_at: z.nullish(moment),
    device_count: z.number(),
    stable_key_thumbprints: z.array(z.string()),
    revoked: z.boolean(),
    revoked_at: z.nullish(moment),
    live_tokens: z.number(),
    platform: z.nullable(z.string()),
    device: z.nullable(z.string()),
  }),
);

export type Binding = z.output<typeof bindingsSchema>[number];

/** One of `GET /person/trusted-agent-servers`: an agent provider whose agents the person may approve. */
export const trustedAgentServerSchema = z.object({
  issuer: z.string(),
  display_name: z.string(),
  description: z.nullable(z.string()),
  jwks_uri: z.nullable(z.string()),
  jwks_fingerprint: z.nullable(z.string()),
  implicit: z.boolean(),
  added_at: moment,
});

export const trustedAgentServersSchema = z.array(trustedAgentServerSchema);

export type TrustedAgentServer = z.output<typeof trustedAgentServerSchema>;
