import * as z from 'zod/mini';
import './moment.ts';

/** `GET /config.json` of the server that these pages come from: where everything is. */
export const pageSettingsSchema = z.object({
  backend_url: z.string(),
  oidc: z.nullable(
    z.object({
      issuer: z.string(),
      client_id: z.string(),
      scope: z.string(),
      resource: z.nullable(z.string()),
    }),
  ),
});

export type PageSettings = z.output<typeof pageSettingsSchema>;
