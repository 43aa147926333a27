import * as z from 'zod/mini';
import { moment } from './moment.ts';

const json = z.record(z.string(), z.unknown());

/** `GET /person/server`: what the Person Server publishes of itself, and its keys. */
export const serverInfoSchema = z.object({
  metadata: json,
  metadata_url: z.string(),
  jwks_uri: z.string(),
  keys: z.array(
    z.object({
      kid: z.string(),
      alg: z.string(),
      jkt: z.string(),
      state: z.enum(['active', 'retired']),
      created_at: moment,
      retired_at: z.nullable(moment),
      public_jwk: json,
    }),
  ),
});

export type ServerInfo = z.output<typeof serverInfoSchema>;
export type ServerKey = ServerInfo['keys'][number];
