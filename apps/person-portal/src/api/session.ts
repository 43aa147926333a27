import * as z from 'zod/mini';
import { moment } from './moment.ts';

const common = { person_server: z.object({ issuer: z.string(), name: z.string() }), server_time: moment };

/** `GET /person/session`: whether the person is signed in, and what a page needs to make changes. */
export const sessionSchema = z.discriminatedUnion('signed_in', [
  z.object({ signed_in: z.literal(false), ...common }),
  z.object({
    signed_in: z.literal(true),
    ...common,
    person_id: z.string(),
    csrf_token: z.string(),
    expires_at: moment,
  }),
]);

export type Session = z.output<typeof sessionSchema>;

/** `GET /person/sessions`: the browsers that are signed in. */
export const sessionInfosSchema = z.array(
  z.object({
    id: z.string(),
    current: z.boolean(),
    opened_at: moment,
    last_seen_at: z.nullable(moment),
    expires_at: moment,
    user_agent: z.nullable(z.string()),
  }),
);

export type SessionInfo = z.output<typeof sessionInfosSchema>[number];

/** `POST /person/sessions/end` */
export const endedSchema = z.object({ ended: z.number() });
