import { createServerFetch } from '@aauth-stack/aauth/agent';
import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import { AAuthError, IdentifierError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { SigningKeys } from '../keys/signing-keys.ts';
import { type Answer, judgePoll, judgeRevocation, type Outcome } from './outcome.ts';
import type { Recipient } from './recipient.ts';

const timeoutMs = 5_000;

/** One token, for one recipient. */
export interface Revocation {
  jti: string;
  expiresAt: number;
  /** Where the recipient said to ask on. */
  pendingUrl: string | null;
}

/** Tries once; rejects only when the signal has aborted. */
export type SendRevocation = (recipient: Recipient, revocation: Revocation, signal: AbortSignal) => Promise<Outcome>;

/**
 * Makes the sender of revocations (AAuth Protocol, "Token Revocation"): signed as this provider, the body covered, to the
 * endpoint that the recipient's metadata names.
 *
 * @param options.fetch admits what a peer's metadata may lead to
 */
export function createRevocationSender(options: {
  issuer: ServerIdentifier;
  signingKeys: SigningKeys;
  fetch: typeof fetch;
  discovery: Discovery;
  identifiers: IdentifierPolicy;
  now: Clock;
}): SendRevocation {
  const { issuer, signingKeys, discovery, identifiers, now } = options;
  const signedFetch = createServerFetch({
    fetch: options.fetch,
    identifier: issuer,
    dwk: metadataDocuments.agentProvider,
    key: async () => (await signingKeys.active()).key,
    now,
  });

  async function endpointOf({ identifier, document }: Recipient): Promise<URL | undefined> {
    const { revocation_endpoint: value } = await discovery.metadata(identifier, document);
    const url = readEndpoint(value, identifiers);
    return url?.search === '' ? url : undefined;
  }

  async function exchange(url: URL, signal: AbortSignal, init: RequestInit = {}): Promise<Answer> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await signedFetch(url, { ...init, signal: limited });
    return { status: response.status, headers: response.headers, text: await response.text(), url };
  }

  return async (recipient, { jti, expiresAt, pendingUrl }, signal) => {
    try {
      if (pendingUrl !== null) return judgePoll(await exchange(new URL(pendingUrl), signal), now);
      const endpoint = await endpointOf(recipient);
      if (!endpoint) {
        return {
          state: 'unsupported',
          error: `its ${recipient.document} names no revocation_endpoint that can be used`,
        };
      }
      const body = JSON.stringify({ jti, exp: expiresAt });
      const headers = { 'content-type': 'application/json' };
      return judgeRevocation(await exchange(endpoint, signal, { method: 'POST', headers, body }), now);
    } catch (cause) {
      signal.throwIfAborted();
      // Why a server cannot be reached from here is for the log; the person reads what it means.
      const error = cause instanceof AAuthError ? cause.message : 'it cannot be reached';
      return { state: 'waiting', error, cause };
    }
  };
}

function readEndpoint(value: unknown, identifiers: IdentifierPolicy): URL | undefined {
  try {
    return parseEndpointUrl(value, identifiers);
  } catch (error) {
    if (error instanceof IdentifierError) return undefined;
    throw error;
  }
}
