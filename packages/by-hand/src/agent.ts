import { type SignatureKeyType, fetch as signedFetch } from '@hellocoop/httpsig';
import { type Response, send } from './http.ts';
import type { KeyPair } from './keys.ts';

/** A request that a token is presented with. */
export interface Presentation {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Covered components; default: what AAuth asks for. */
  readonly components?: string[];
  /** Changes what is sent, after it has been signed. */
  readonly alter?: (request: { url: string; method: string; headers: Headers; body: string }) => void;
}

/** Signs a request with the key that a token binds, presents the token and sends it. */
export async function present(url: string, token: string, key: KeyPair, options: Presentation = {}): Promise<Response> {
  return sendSigned(url, { type: 'jwt', jwt: token }, key, options);
}

/** Signs a request as `signatureKey` says and sends it. */
export async function sendSigned(
  url: string,
  signatureKey: SignatureKeyType,
  key: KeyPair,
  { method = 'GET', headers, body = '', components, alter }: Presentation = {},
): Promise<Response> {
  const signed = await signedFetch(url, {
    method,
    ...(body && { body }),
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    signingKey: key.privateJwk,
    signatureKey,
    components,
    dryRun: true,
  });
  const request = { url, method, headers: signed.headers, body };
  alter?.(request);
  return send(request.url, request);
}
