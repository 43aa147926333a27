import type { Discovery, IssuerPin } from '../discovery/types.ts';
import { IdentifierError, SignatureError, type SignatureErrorCode } from '../errors.ts';
import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '../identifiers.ts';
import { isPending, type MaybePromise } from '../maybe-promise.ts';
import type { ResolvedKey, SchemeResolver, SignatureKeyMember } from '../signatures/types.ts';
import { type MetadataDocument, metadataDocuments, type PresentedToken } from './types.ts';

/**
 * Resolves `sig=jwt;jwt="…"`: the key is the verified token's `cnf.jwk` (Signature-Key, "JWT Confirmation Key").
 *
 * The resolver throws {@link SignatureError} `invalid_jwt` when the parameter is missing, and whatever `verifyToken` throws.
 *
 * @param options.verifyToken made by `createTokenVerifier`
 * @returns the resolver, for a scheme table
 */
export function jwtScheme<Token extends PresentedToken>(options: {
  readonly verifyToken: (compact: string) => MaybePromise<Token>;
}): SchemeResolver<Token> {
  return function resolveJwt(member) {
    const verifying = options.verifyToken(parameter(member, 'jwt', 'invalid_jwt'));
    return isPending(verifying) ? verifying.then(boundKey) : boundKey(verifying);
  };
}

function boundKey<Token extends PresentedToken>(token: Token): ResolvedKey<Token> {
  return { key: token.key, identity: { scheme: 'jwt', token } };
}

/** A server whose `jwks_uri` signatures are accepted. */
export interface AcceptedServer extends IssuerPin {
  /** The role it must speak in. Absent: any. */
  readonly dwk?: MetadataDocument;
}

/**
 * The servers that may sign: a list, or a function where the list changes, which returns `undefined` for a server that may not
 * or throws what the request is to be refused with. An empty list accepts nobody.
 */
export type AcceptedServers =
  | readonly AcceptedServer[]
  | ((
      server: ServerIdentifier,
      dwk: MetadataDocument,
    ) => AcceptedServer | undefined | Promise<AcceptedServer | undefined>);

/** Where the keys of servers are found, and which servers may sign. */
export interface JwksUriSchemeOptions {
  readonly discovery: Discovery;
  readonly identifiers: IdentifierPolicy;
  /** Absent: any server may sign. Asked before anything is fetched. */
  readonly accepted?: AcceptedServers;
}

/**
 * Resolves `sig=jwks_uri;id="…";dwk="…";kid="…"`: the key is the one the server publishes (Signature-Key, "JWKS URI
 * Discovery").
 *
 * The resolver throws {@link SignatureError} `invalid_key` when a parameter is missing, `id` or `dwk` is not
 * acceptable or the server not accepted here; `unknown_key`, `issuer_missing`, `issuer_mismatch`; and `UnavailableError`.
 *
 * @param options how keys are found, and who may sign
 * @returns the resolver, for a scheme table
 */
export function jwksUriScheme(options: JwksUriSchemeOptions): SchemeResolver<never> {
  return async function resolveJwksUri(member) {
    const server = parseId(parameter(member, 'id', 'invalid_key'), options.identifiers);
    const dwk = parseDocument(parameter(member, 'dwk', 'invalid_key'));
    const kid = parameter(member, 'kid', 'invalid_key');
    const pin = await acceptedServer(options.accepted, server, dwk);
    const key = await options.discovery.key(server, dwk, kid, pin?.jwksUri);
    return {
      key,
      identity: { scheme: 'jwks_uri', server, dwk, kid },
      keyAfterFailure: () => options.discovery.keyAfterFailure(server, dwk, kid, key, pin?.jwksUri),
    };
  };
}

async function acceptedServer(
  accepted: AcceptedServers | undefined,
  server: ServerIdentifier,
  dwk: MetadataDocument,
): Promise<AcceptedServer | undefined> {
  if (accepted === undefined) return undefined;
  const candidates = typeof accepted === 'function' ? [await accepted(server, dwk)] : accepted;
  const pin = candidates.find((entry) => entry?.issuer === server && (entry.dwk === undefined || entry.dwk === dwk));
  if (pin) return pin;
  throw new SignatureError('invalid_key', `Requests signed by ${server} as ${dwk} are not accepted here.`, {
    cause: { received: { server, dwk } },
  });
}

function parameter(member: SignatureKeyMember, name: string, code: SignatureErrorCode): string {
  const value = member.parameters.get(name);
  if (value) return value;
  throw new SignatureError(code, `Signature-Key scheme ${member.scheme} needs the parameter ${name}.`, {
    cause: { parameter: name },
  });
}

function parseId(id: string, identifiers: IdentifierPolicy): ServerIdentifier {
  try {
    return parseServerIdentifier(id, identifiers);
  } catch (error) {
    if (!(error instanceof IdentifierError)) throw error;
    throw new SignatureError('invalid_key', `The id in Signature-Key is refused. ${error.message}`, { cause: error });
  }
}

function parseDocument(dwk: string): MetadataDocument {
  const document = Object.values(metadataDocuments).find((name) => name === dwk);
  if (document) return document;
  throw new SignatureError('invalid_key', `The dwk in Signature-Key is none of AAuth's metadata documents.`, {
    cause: { received: dwk },
  });
}
