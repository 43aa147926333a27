import { systemClock } from '../clock.ts';
import { AAuthError, PolicyError, RequestError } from '../errors.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import { problemResponse } from '../problem.ts';
import type { AcceptedServer, AcceptedServers } from '../tokens/schemes.ts';
import type { MetadataDocument } from '../tokens/types.ts';
import { parseJsonBody } from './json-body.ts';
import type { ResourceOptions } from './options.ts';
import { createResource } from './resource.ts';
import type { RevocationStore } from './revocation-store.ts';
import type { Principal } from './types.ts';

/** Seconds. No token of any type lives longer than a day, so no revocation has to. */
const longestLifetime = 24 * 60 * 60;

/** The body of a request to a revocation endpoint. */
export interface RevocationRequest {
  readonly jti: string;
  /** When the token expires, in seconds since the epoch. */
  readonly exp: number;
}

/**
 * Reads the body of a request to a revocation endpoint, `{jti, exp}` (AAuth Protocol, "Token Revocation"). The issuer is
 * whoever signed it.
 *
 * @param body as received; `undefined` when there is none
 * @returns what is taken back, and until when that has to be remembered
 * @throws RequestError `invalid_request`
 */
export function parseRevocationRequest(body: Uint8Array | undefined): RevocationRequest {
  const { jti, exp } = parseJsonBody(body);
  if (typeof jti !== 'string' || jti === '' || jti.length > 1024) {
    throw new RequestError(
      'invalid_request',
      'jti is needed: the token identifier, a string of 1 to 1,024 characters.',
    );
  }
  if (typeof exp !== 'number' || !Number.isFinite(exp) || exp < 0) {
    throw new RequestError('invalid_request', 'exp is needed: when the token expires, in seconds since the epoch.');
  }
  return { jti, exp };
}

/** Who may take tokens back here, and where that is kept. */
export interface RevocationEndpointOptions
  extends Pick<ResourceOptions, 'discovery' | 'identifiers' | 'identifier' | 'authority' | 'keys' | 'now' | 'observe'> {
  /** Who may take back the tokens it issued: Person Servers, pinned agent providers, an Access Server. */
  readonly accepted: AcceptedServers;
  readonly store: RevocationStore;
  /** Seconds that clocks may differ. Default 60. */
  readonly window?: number;
}

/**
 * Makes the handler of `POST revocation_endpoint` (AAuth Protocol, "Token Revocation"): verifies that a server
 * signed the request and its body, and keeps what it takes back. Answers 200 with no content, whether or not the token was ever
 * seen and however often it is said; 400 `invalid_request`; 401 as any endpoint; 403 `unsupported_iss` for a server that is not
 * accepted, before anything of it is fetched; 429 `rate_limited` and 503 when the store throws those. An issuer can take back
 * its own tokens and no others.
 *
 * What the store throws beside that is thrown.
 *
 * @param options whose word counts, and where it is kept
 * @returns the handler
 */
export function createRevocationEndpoint(options: RevocationEndpointOptions): (request: Request) => Promise<Response> {
  const { accepted, store, now = systemClock, window = 60, ...rest } = options;
  const endpoint = createResource({
    ...rest,
    now,
    window,
    schemes: ['jwks_uri'],
    servers: (server, dwk) => acceptedIssuer(accepted, server, dwk),
    requireBodyCoverage: true,
    // Repeating a revocation changes nothing, and the sender may not know whether the first one arrived.
    replay: false,
  });

  async function revoke(principal: Principal, body: Uint8Array): Promise<void> {
    if (principal.scheme !== 'jwks_uri') throw new TypeError(`The scheme ${principal.scheme} is not accepted here.`);
    const { jti, exp } = parseRevocationRequest(body);
    const expiresAt = Math.min(exp, now() + longestLifetime) + window;
    await store.revoke({ issuer: principal.server, dwk: principal.dwk, jti, expiresAt });
  }

  return async function handleRevocation(request) {
    const verdict = await endpoint.verifyRequest(request);
    if (!verdict.ok) return new Response(verdict.response.body, verdict.response);
    try {
      await revoke(verdict.principal, new Uint8Array(await request.arrayBuffer()));
      return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
    } catch (error) {
      if (error instanceof AAuthError) return problemResponse(error);
      throw error;
    }
  };
}

async function acceptedIssuer(
  accepted: AcceptedServers,
  server: ServerIdentifier,
  dwk: MetadataDocument,
): Promise<AcceptedServer> {
  const found =
    typeof accepted === 'function'
      ? await accepted(server, dwk)
      : accepted.find((entry) => entry.issuer === server && (entry.dwk === undefined || entry.dwk === dwk));
  if (found) return found;
  throw new PolicyError('unsupported_iss', `Revocations by ${server} as ${dwk} are not accepted here.`);
}
