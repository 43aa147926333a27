import * as z from 'zod/mini';
import { moment } from './moment.ts';

export const consentPolicies = ['standing', 'first-use', 'always'] as const;

export type ConsentPolicy = (typeof consentPolicies)[number];

const policy = { consent_policy: z.enum(consentPolicies), needs_person_scopes: z.array(z.string()) };

/** `GET /person/settings`: when the person is asked. */
export const settingsSchema = z.object({
  ...policy,
  defaults: z.object(policy),
  token_lifetime: z.number(),
  session_lifetime: z.number(),
});

export type Settings = z.output<typeof settingsSchema>;

/** `PATCH /person/settings` */
export type SettingsChange = Partial<Pick<Settings, 'consent_policy' | 'needs_person_scopes'>>;

/** `GET /person/resources`: the resources that a token was asked for. */
export const resourcesSchema = z.array(
  z.object({
    issuer: z.string(),
    name: z.nullable(z.string()),
    description: z.nullable(z.string()),
    access_mode: z.nullable(z.string()),
    documentation_uri: z.nullable(z.string()),
    tos_uri: z.nullable(z.string()),
    policy_uri: z.nullable(z.string()),
    revocation_supported: z.boolean(),
    scope_descriptions: z.record(z.string(), z.string()),
    metadata_read_at: z.nullable(moment),
    first_used_at: moment,
    last_used_at: moment,
    agents: z.number(),
    live_tokens: z.number(),
  }),
);

export type Resource = z.output<typeof resourcesSchema>[number];
