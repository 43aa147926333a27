import { z } from 'zod';
import { consentPolicies, type PolicyOptions } from '../consent/policy.ts';
import type { AppContext } from '../environment.ts';
import { readJson } from '../read-json.ts';
import { currentSession } from '../session/person-session.ts';
import type { Settings } from './settings.ts';

export interface SettingsRouteOptions {
  settings: Settings;
  /** Seconds. */
  tokenLifetime: number;
  /** Seconds. */
  sessionLifetime: number;
}

const mostScopes = 100;

const scopes = z
  .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/, 'a scope is visible ASCII without spaces, " and \\'))
  .max(mostScopes)
  .transform((names) => [...new Set(names)]);

const changeSchema = z.object({
  consent_policy: z.enum(consentPolicies).optional(),
  needs_person_scopes: scopes.optional(),
});

/** GET /person/settings */
export function getSettings(options: SettingsRouteOptions) {
  return async (c: AppContext) => c.json(shown(await options.settings.policyOf(currentSession(c).personId), options));
}

/** PATCH /person/settings `{consent_policy?, needs_person_scopes?}` */
export function changeSettings(options: SettingsRouteOptions) {
  return async (c: AppContext) => {
    const form = `{"consent_policy": "${consentPolicies.join(' | ')}", "needs_person_scopes": ["a scope without spaces"]}`;
    const { consent_policy: policy, needs_person_scopes: needsPersonScopes } = await readJson(c, changeSchema, form);
    const change = { ...(policy && { policy }), ...(needsPersonScopes && { needsPersonScopes }) };
    return c.json(shown(await options.settings.change(currentSession(c), change), options));
  };
}

function shown(policy: PolicyOptions, { settings, tokenLifetime, sessionLifetime }: SettingsRouteOptions) {
  return {
    ...members(policy),
    defaults: members(settings.defaults),
    token_lifetime: tokenLifetime,
    session_lifetime: sessionLifetime,
  };
}

function members({ policy, needsPersonScopes }: PolicyOptions) {
  return { consent_policy: policy, needs_person_scopes: needsPersonScopes };
}
