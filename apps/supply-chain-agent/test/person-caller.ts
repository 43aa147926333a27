import { nodeKeys } from '@aauth-stack/aauth/node';
import { proxySecretHeader } from '@aauth-stack/aauth/resource';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { proxySecret } from './forwarded.ts';

/** The key of an agent that calls the supply-chain agent for a person. */
export const callerKey = await nodeKeys.signingKey(await nodeKeys.generate('Ed25519'));

/** What the proxy adds to a request that presents a person or auth token, when it passes tokens on. */
export function forwardedToken(token: string): Record<string, string> {
  const { header, claims } = decodeTokenForDisplay(token) ?? {};
  const isGrant = header?.typ === 'aa-auth+jwt';
  return {
    [proxySecretHeader]: proxySecret,
    'x-aauth-level': isGrant ? 'authorized' : 'person',
    'x-aauth-scheme': 'jwt',
    'x-aauth-token-type': String(header?.typ),
    'x-aauth-jkt': callerKey.thumbprint,
    'x-aauth-person-server': String(claims?.iss),
    'x-aauth-sub': String(claims?.sub),
    ...(isGrant && { 'x-aauth-scope': String(claims?.scope) }),
    'x-aauth-token': token,
  };
}

/** A fetch whose requests arrive with these headers. */
export function withHeaders(headers: Record<string, string>): typeof fetch {
  return (input, init) => {
    const request = new Request(input, init);
    for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
    return fetch(request);
  };
}
