import { tokenTypes, type VerifiableTokenType } from '@aauth-stack/aauth/tokens';
import type { Report } from './config-file-error.ts';
import { type FileResource, presentedTypes, schemes } from './resources-schema.ts';

/** What callers of a resource may present, and what can be asked of them. */
export interface AccessConfig {
  readonly schemes: readonly (typeof schemes)[number][];
  readonly tokenTypes: readonly VerifiableTokenType[];
  /** Every scope that may be asked for, with what it means. */
  readonly scopeDescriptions: Readonly<Record<string, string>>;
  /** Whether it can ask for auth tokens: it then issues resource tokens. */
  readonly asksForAuthTokens: boolean;
}

/** Reads what a resource accepts, and reports what would leave it closed to everybody, or open to anybody's people. */
export function buildAccess(file: FileResource, report: Report): AccessConfig {
  const accepted = acceptedSchemes(file);
  const types = acceptedTypes(file);
  const scopeDescriptions = describedScopes(file);
  const { access, signing_key: key, allowed_signature_key_schemes: listed } = file;
  const required = access?.require ?? 'identity';
  if (listed?.includes('hwk') && !file.allow_pseudonymous) {
    report(['allowed_signature_key_schemes'], 'hwk needs allow_pseudonymous: true');
  }
  if (required !== 'identity' && !accepted.includes('jwt')) {
    report(['allowed_signature_key_schemes'], `jwt is needed with access.require: ${required}`);
  }
  if (required === 'auth-token' && !key) {
    report(['signing_key'], 'needed with access.require: auth-token, since the resource signs resource tokens');
  }
  if (types.some((type) => type !== tokenTypes.agent)) {
    if (file.issuer === undefined) {
      report(['issuer'], 'needed where person or auth tokens are accepted: it is what they must name as their aud');
    }
    if (!file.person_server && file.auth_servers.length === 0) {
      report(['person_server'], 'needed where person or auth tokens are accepted: it says whose people are let in');
    }
  }
  file.default_resource_token_scopes.forEach((scope, index) => {
    if (Object.hasOwn(scopeDescriptions, scope)) return;
    const reason = `"${scope}" is neither in supported_scopes nor in scope_descriptions`;
    report(['default_resource_token_scopes', index], reason);
  });
  const admitsGrants = types.includes(tokenTypes.person) && types.includes(tokenTypes.auth);
  const asksForAuthTokens = key !== undefined && file.issuer !== undefined && accepted.includes('jwt') && admitsGrants;
  return { schemes: accepted, tokenTypes: types, scopeDescriptions, asksForAuthTokens };
}

/** The token types that a configuration does not list although nobody could ever meet its `access.require` without them. */
export function impliedTypes({ access, allowed_jwt_types: listed }: FileResource): readonly VerifiableTokenType[] {
  if (!listed?.length) return [];
  const needed = {
    identity: [],
    'person-token': [tokenTypes.person],
    'auth-token': [tokenTypes.person, tokenTypes.auth],
  } as const;
  return needed[access?.require ?? 'identity'].filter((type) => !listed.includes(type));
}

function acceptedTypes(file: FileResource): readonly VerifiableTokenType[] {
  const { access, allowed_jwt_types: listed } = file;
  if (listed?.length) return [...new Set([...listed, ...impliedTypes(file)])];
  return (access?.require ?? 'identity') === 'identity' ? [tokenTypes.agent] : presentedTypes;
}

function acceptedSchemes({ allowed_signature_key_schemes: listed, allow_pseudonymous: pseudonymous }: FileResource) {
  return listed?.length ? listed : schemes.filter((scheme) => scheme !== 'hwk' || pseudonymous);
}

function describedScopes(file: FileResource): Record<string, string> {
  const bare = Object.fromEntries(file.supported_scopes.map((scope) => [scope, scope]));
  return { ...bare, ...file.scope_descriptions };
}
