import { type VerificationResult, verify } from '@hellocoop/httpsig';
import type { JWK } from 'jose';
import { type Answer, getJson, type Received, type Server, startServer } from './http.ts';
import { type Jwt, peek, read } from './jwt.ts';
import { createKeyPair, type KeyPair } from './keys.ts';
import type { Issuer } from './tokens.ts';

/** A server that publishes metadata and a key. */
export interface Party extends Server, Issuer {
  readonly issuer: string;
  readonly key: KeyPair;
  /** Under `/.well-known/`; a test may change it. */
  metadata: Record<string, unknown>;
  /** At `jwks_uri`; a test may change it. */
  keys: JWK[];
}

export interface PartyOptions {
  /** The name of the metadata document. */
  readonly dwk: string;
  readonly kid: string;
  readonly metadata?: (issuer: string) => Record<string, unknown>;
  /** Answers whatever is neither metadata nor keys. */
  readonly answer?: (request: Received, self: Issuer) => Answer | Promise<Answer>;
}

export async function startParty({ dwk, kid, metadata, answer }: PartyOptions): Promise<Party> {
  const key = await createKeyPair(kid);
  const published: { metadata: Record<string, unknown>; keys: JWK[] } = { metadata: {}, keys: [key.published] };
  const self = { issuer: '', key };
  const server = await startServer((request) => {
    if (request.path === `/.well-known/${dwk}`) return { status: 200, body: published.metadata };
    if (request.path === '/jwks.json') return { status: 200, body: { keys: published.keys } };
    return answer?.(request, self) ?? { status: 404 };
  });
  self.issuer = server.origin;
  published.metadata = {
    issuer: server.origin,
    jwks_uri: `${server.origin}/jwks.json`,
    ...metadata?.(server.origin),
  };
  return Object.assign(published, server, self);
}

/** Who signed a request, and with which token. */
export interface Caller {
  readonly token: Jwt;
  readonly compact: string;
  readonly thumbprint: string;
  /** `cnf.jwk`, which has signed the request. */
  readonly key: JWK;
}

/**
 * Verifies the signature of a request that presents a token in `Signature-Key`, and the token with the keys that its issuer
 * publishes.
 *
 * @param withBody whether a body has to be covered
 */
export async function verifyCaller(request: Received, { withBody }: { withBody: boolean }): Promise<Caller> {
  const result = await verifySignature(request, withBody);
  if (!result.jwt) throw new Error('No token was presented.');
  const token = await readPublished(result.jwt.raw);
  return { token, compact: result.jwt.raw, thumbprint: result.thumbprint, key: result.publicKey };
}

/** A server that signed a request with a key that it publishes. */
export interface CallingServer {
  readonly server: string;
  /** The document that names its keys, and so the role it speaks in. */
  readonly dwk: string;
}

/** Verifies the signature of a request by a server (`jwks_uri`), its body included. */
export async function verifyServer(request: Received): Promise<CallingServer> {
  const result = await verifySignature(request, true);
  if (!result.jwks_uri) throw new Error('No server signed this.');
  return { server: result.jwks_uri.id, dwk: result.jwks_uri.dwk };
}

async function verifySignature({ body, query, ...rest }: Received, withBody: boolean): Promise<VerificationResult> {
  const result = await verify(
    { ...rest, ...(query && { query }), ...(body.length > 0 && { body }) },
    { requireContentDigest: withBody },
  );
  if (!result.verified) throw new Error(`The signature does not hold: ${result.error}`);
  return result;
}

/** What a token says, once its signature holds by the keys that its `iss` publishes in the document that its `dwk` names. */
export async function readPublished(compact: string): Promise<Jwt> {
  const { iss, dwk } = peek(compact).claims;
  const { issuer, jwks_uri } = await getJson(`${iss}/.well-known/${dwk}`);
  if (issuer !== iss) throw new Error(`${iss} names itself ${issuer}.`);
  const { keys } = await getJson(`${jwks_uri}`);
  if (!Array.isArray(keys)) throw new Error(`${iss} publishes no keys.`);
  return read(compact, keys);
}
