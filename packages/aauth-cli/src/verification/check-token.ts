import { IdentifierError } from '@aauth-stack/aauth/errors';
import {
  type IdentifierPolicy,
  isLoopbackHost,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { jktJwtScheme } from '@aauth-stack/aauth/signatures';
import {
  createResourceTokenVerifier,
  createTokenVerifier,
  type DecodedToken,
  decodeTokenForDisplay,
  metadataDocuments,
  tokenTypes,
} from '@aauth-stack/aauth/tokens';
import type { Check } from '../checks/check.ts';
import { tokenKind } from '../explain/token-view.ts';
import { isoTime } from '../terminal/format.ts';
import { codeOf, failed } from './check-key.ts';
import { offlineDiscovery } from './offline-discovery.ts';
import type { VerificationSettings } from './settings.ts';

interface TokenFinding {
  readonly checks: readonly Check[];
  readonly codes: readonly string[];
}

type Claims = DecodedToken['claims'];

/**
 * Checks a token: its type, its claims, its signature with the keys that its issuer publishes.
 *
 * @param authority the host of the request that presented it; a token for somebody else is a fault then
 */
export async function checkToken(
  compact: string,
  settings: VerificationSettings,
  authority?: string,
): Promise<TokenFinding> {
  const decoded = decodeTokenForDisplay(compact);
  if (!decoded) {
    const detail = 'It is no JWT: three parts in base64url, the first two JSON objects.';
    return { checks: [{ check: 'token', result: 'fail', detail }], codes: ['invalid_jwt'] };
  }
  const { header, claims } = decoded;
  const kind = tokenKind(header.typ);
  const audience = authority === undefined ? undefined : checkAudience(claims, authority);
  const audienceFault = audience?.result === 'fail' ? ['invalid_jwt'] : [];
  if (!settings.discovery && settings.keys.length === 0) {
    const unchecked: Check = {
      check: 'token',
      result: 'skip',
      detail: `${kind} of ${claims.iss}: its signature was not checked (--offline).`,
    };
    const expiry = checkExpiry(claims, settings.at);
    const fault = expiry.result === 'fail' ? ['expired_jwt'] : [];
    return { checks: [unchecked, expiry, ...(audience ? [audience] : [])], codes: [...fault, ...audienceFault] };
  }
  try {
    await verify(compact, header.typ, settings);
    const detail = `${kind} of ${claims.iss ?? 'its own key'}, valid until ${expiryOf(claims)}`;
    return {
      checks: [{ check: 'token', result: 'pass', detail }, ...(audience ? [audience] : [])],
      codes: audienceFault,
    };
  } catch (error) {
    const failure = failed('token', error);
    const hint = failure.hint ?? hintFor(error, claims, settings.at);
    const check = { ...failure, detail: `${kind} of ${claims.iss}: ${failure.detail}`, hint };
    return { checks: [check, ...(audience ? [audience] : [])], codes: [...codeOf(error), ...audienceFault] };
  }
}

async function verify(compact: string, typ: unknown, settings: VerificationSettings): Promise<unknown> {
  const now = () => settings.at;
  const { identifiers, window } = settings;
  if (typ === 'jkt-s256+jwt') {
    const parameters = new Map([['jwt', compact]]);
    return jktJwtScheme({ keys: nodeKeys, now })({ label: 'sig', scheme: 'jkt-jwt', parameters });
  }
  // Keys that were given come first: they are what somebody wants to check with.
  const discovery =
    settings.keys.length > 0 || !settings.discovery ? offlineDiscovery(settings.keys) : settings.discovery;
  const verification = { discovery, identifiers, keys: nodeKeys, now, window };
  if (typ === tokenTypes.resource) return createResourceTokenVerifier(verification)(compact);
  const accepts = [tokenTypes.agent, tokenTypes.person, tokenTypes.auth] as const;
  const issuer = accessServerOf(compact, identifiers);
  return createTokenVerifier({
    ...verification,
    accepts,
    audience: 'any',
    accessServer: issuer === undefined ? undefined : { issuer },
  })(compact);
}

// An auth token of an access server is checked as such: which one a resource accepts is not known here.
function accessServerOf(compact: string, identifiers: IdentifierPolicy): ServerIdentifier | undefined {
  const { iss, dwk } = decodeTokenForDisplay(compact)?.claims ?? {};
  if (dwk !== metadataDocuments.accessServer) return undefined;
  try {
    return parseServerIdentifier(iss, identifiers);
  } catch (error) {
    if (error instanceof IdentifierError) return undefined;
    throw error;
  }
}

function checkAudience({ aud }: Claims, authority: string): Check | undefined {
  if (aud === undefined) return undefined;
  const expected = [
    `https://${authority}`,
    ...(isLoopbackHost(authority.replace(/:\d+$/, '')) ? [`http://${authority}`] : []),
  ];
  if (typeof aud === 'string' && expected.includes(aud)) return { check: 'audience', result: 'pass', detail: aud };
  const detail = `The token is for ${JSON.stringify(aud)}, and the request went to ${authority}.`;
  return { check: 'audience', result: 'fail', detail, hint: 'A person or auth token is good at one resource only.' };
}

function checkExpiry(claims: Claims, at: number): Check {
  const isOver = typeof claims.exp !== 'number' || claims.exp <= at;
  const detail = isOver ? `It expired ${expiryOf(claims)}.` : `valid until ${expiryOf(claims)}`;
  return { check: 'expiry', result: isOver ? 'fail' : 'pass', detail };
}

function expiryOf({ exp }: Claims): string {
  return typeof exp === 'number' ? isoTime(exp) : '(no exp)';
}

function hintFor(error: unknown, claims: Claims, at: number): string | undefined {
  const [code] = codeOf(error);
  if (code === 'expired_jwt' && typeof claims.exp === 'number') {
    return `It expired ${isoTime(claims.exp)}, ${Math.round(at - claims.exp)} s before the moment of this check; --at checks as of another.`;
  }
  if (code === 'unknown_key') return `See what it publishes: aauth metadata ${claims.iss}`;
  if (code === 'unsupported_algorithm')
    return 'AAuth signs with Ed25519 and ES256, named so; "EdDSA" is of an older text.';
  return undefined;
}
