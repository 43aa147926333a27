import { z } from 'zod';

const moment = z.iso.datetime({ offset: true });

/** An agent that waits for the person, as `GET /person/registrations` of an Agent Provider has it. */
export const registrationSchema = z.object({
  id: z.string().min(1),
  agent_name: z.string(),
  stable_jkt: z.string(),
  ps: z.string().nullish(),
  callback: z.string().nullish(),
  created_at: moment,
  expires_at: moment,
  status: z.string(),
});

export type Registration = z.output<typeof registrationSchema>;

/** An agent that the person once approved, as `GET /person/bindings` of an Agent Provider has it. */
export const bindingSchema = z.object({
  agent_id: z.string().min(1),
  agent_name: z.string(),
  created_at: moment,
  last_seen_at: moment.nullish(),
  device_count: z.int().nonnegative(),
  stable_key_thumbprints: z.array(z.string()),
  revoked: z.boolean(),
  revoked_at: moment.nullish(),
  person_id: z.string().nullish(),
  /** Where it said, when it enrolled, that it wants the person back. */
  callback: z.string().nullish(),
});

export type Binding = z.output<typeof bindingSchema>;

export const approvedSchema = z.object({ agent_id: z.string().min(1), agent_name: z.string() });

export type Approved = z.output<typeof approvedSchema>;

/** What an Agent Provider posts to `/agent-provider/events`. */
export const eventSchema = z.object({ event: z.string().min(1).max(64), id: z.string().min(1).max(512) });

/** The members of a problem+json that another server's refusal is understood by. */
export const problemSchema = z.object({ error: z.string(), detail: z.string() }).partial();
