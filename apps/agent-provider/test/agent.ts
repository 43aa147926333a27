import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import {
  createJktJwt,
  type HttpMessage,
  jktJwtSignatureKey,
  type SignatureKeyValue,
  signMessage,
} from '@aauth-stack/aauth/signatures';

/** An agent's two keys. */
export interface TestAgent {
  stableKey: SigningKey;
  ephemeralKey: SigningKey;
}

export async function newKey(alg: 'Ed25519' | 'ES256' = 'Ed25519'): Promise<SigningKey> {
  return nodeKeys.signingKey(await nodeKeys.generate(alg));
}

export async function newAgent(): Promise<TestAgent> {
  return { stableKey: await newKey(), ephemeralKey: await newKey() };
}

export interface RequestToSign {
  method: string;
  path: string;
  /** Sent as JSON; a string as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Instead of the `jkt-jwt` of the agent. */
  signatureKey?: SignatureKeyValue;
  /** Instead of the agent's ephemeral key. */
  signWith?: SigningKey;
  /** Leave the body out of the signature. */
  coverBody?: boolean;
}

/** A signed request as it goes over the wire. A test alters it before it is sent. */
export interface WireRequest {
  method: string;
  path: string;
  headers: Headers;
  body: string | undefined;
}

/** Signs a request to a provider as an agent does. */
export async function signRequest(
  provider: string,
  agent: TestAgent,
  now: () => number,
  request: RequestToSign,
): Promise<WireRequest> {
  const { host } = new URL(parseServerIdentifier(provider, { allowLoopback: true }));
  const { method, path, coverBody = true } = request;
  const body =
    request.body === undefined || typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
  const headers = new Headers(request.headers);
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
  const [pathname = '', query] = path.split('?');
  const message: HttpMessage = {
    method,
    authority: host,
    path: pathname,
    query: query === undefined ? '' : `?${query}`,
    headers,
  };
  const { stableKey, ephemeralKey } = agent;
  const jktJwt = () => createJktJwt({ stableKey, ephemeralKey: ephemeralKey.publicJwk, now });
  const signature = await signMessage(message, {
    key: request.signWith ?? ephemeralKey,
    signatureKey: request.signatureKey ?? jktJwtSignatureKey(await jktJwt()),
    body: coverBody && body !== undefined ? new TextEncoder().encode(body) : undefined,
    created: Math.floor(now()),
  });
  for (const [name, value] of Object.entries(signature)) headers.set(name, value);
  return { method, path, headers, body };
}
