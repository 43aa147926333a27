import { AAuthError, SignatureError, UnavailableError } from '@aauth-stack/aauth/errors';
import type { VerificationKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { hwkScheme, jktJwtScheme, type SchemeTable, type SignatureKeyMember } from '@aauth-stack/aauth/signatures';
import { jwksUriScheme } from '@aauth-stack/aauth/tokens';
import type { CapturedRequest } from '../captured/captured-request.ts';
import type { Check } from '../checks/check.ts';
import { withReason } from '../command/failure.ts';
import { readBoundJwk } from './bound-key.ts';
import { checkToken } from './check-token.ts';
import { offlineDiscovery } from './offline-discovery.ts';
import type { VerificationSettings } from './settings.ts';

/** The key that `Signature-Key` names, and what is to be said of it. */
export interface KeyFinding {
  readonly checks: readonly Check[];
  readonly codes: readonly string[];
  /** Absent when it cannot be found. */
  readonly key: VerificationKey | undefined;
}

/** Finds the key that signs a request, by its scheme. A token that does not hold still names its key. */
export async function checkKey(
  member: SignatureKeyMember,
  request: CapturedRequest,
  settings: VerificationSettings,
): Promise<KeyFinding> {
  if (member.scheme === 'jwt') return checkPresentedToken(member, request, settings);
  const discovery = settings.discovery ?? offlineDiscovery(settings.keys);
  const schemes: SchemeTable = {
    hwk: hwkScheme({ keys: nodeKeys }),
    'jkt-jwt': jktJwtScheme({ keys: nodeKeys, now: () => settings.at }),
    jwks_uri: jwksUriScheme({ discovery, identifiers: settings.identifiers }),
  };
  const resolve = Object.entries(schemes).find(([name]) => name === member.scheme)?.[1];
  if (!resolve) {
    const detail = `The scheme "${member.scheme}" is none that AAuth knows: jwt, jwks_uri, jkt-jwt, hwk.`;
    return finding([{ check: 'scheme', result: 'fail', detail }], ['unsupported_scheme']);
  }
  try {
    const { key } = await resolve(member);
    return finding([{ check: 'scheme', result: 'pass', detail: describeScheme(member) }], [], key);
  } catch (error) {
    return finding([failed('scheme', error)], codeOf(error));
  }
}

async function checkPresentedToken(
  { parameters }: SignatureKeyMember,
  request: CapturedRequest,
  settings: VerificationSettings,
): Promise<KeyFinding> {
  const compact = parameters.get('jwt');
  if (compact === undefined) {
    const detail = 'The scheme jwt has no parameter "jwt".';
    return finding([{ check: 'scheme', result: 'fail', detail }], ['invalid_jwt']);
  }
  const { checks, codes } = await checkToken(compact, settings, request.authority);
  return { checks, codes, key: await readBoundKey(compact) };
}

async function readBoundKey(compact: string): Promise<VerificationKey | undefined> {
  const jwk = readBoundJwk(compact);
  try {
    return jwk && (await nodeKeys.verificationKey(jwk));
  } catch (error) {
    if (error instanceof SignatureError) return undefined;
    throw error;
  }
}

function describeScheme({ scheme, parameters }: SignatureKeyMember): string {
  if (scheme === 'jwks_uri') {
    return `jwks_uri: key "${parameters.get('kid')}" of ${parameters.get('id')} (${parameters.get('dwk')})`;
  }
  if (scheme === 'hwk') return 'hwk: the key itself, which says nothing about who has it';
  return 'jkt-jwt: a stable key vouches for the one that signs, as at an agent provider';
}

/** A check that an error ended. */
export function failed(check: string, error: unknown): Check {
  if (error instanceof UnavailableError) {
    const detail = withReason(error);
    return {
      check,
      result: 'fail',
      detail,
      hint: 'A verifier that cannot fetch it answers 503. --offline checks the rest.',
    };
  }
  if (!(error instanceof AAuthError)) throw error;
  return { check, result: 'fail', detail: error.message };
}

/** The code that a verifier answers with. */
export function codeOf(error: unknown): string[] {
  return error instanceof AAuthError ? [error.code] : [];
}

function finding(checks: readonly Check[], codes: readonly string[], key?: VerificationKey): KeyFinding {
  return { checks, codes, key };
}
