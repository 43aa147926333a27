import * as z from 'zod/mini';
import { moment } from './moment.ts';

export const tokenType = z.enum(['aa-person+jwt', 'aa-auth+jwt']);

/** `GET /person/issued-tokens`: a page of the tokens issued for the person, newest first. */
export const issuedTokensSchema = z.object({
  tokens: z.array(
    z.object({
      jti: z.string(),
      type: tokenType,
      agent_id: z.string(),
      agent_name: z.string(),
      agent_provider: z.string(),
      audience: z.string(),
      audience_name: z.nullable(z.string()),
      subject: z.string(),
      scope: z.array(z.string()),
      account: z.nullable(z.string()),
      jkt: z.string(),
      kid: z.string(),
      upstream_jti: z.nullable(z.string()),
      presented_jti: z.nullable(z.string()),
      on_behalf_of: z.nullable(z.string()),
      reason: z.enum(['standing-policy', 'consent', 'remembered-consent']),
      issued_at: moment,
      expires_at: moment,
      revoked_at: z.nullable(moment),
      notice: z.nullable(z.enum(['waiting', 'told', 'unsupported', 'refused'])),
    }),
  ),
  next: z.nullable(z.string()),
});

export type IssuedToken = z.output<typeof issuedTokensSchema>['tokens'][number];
