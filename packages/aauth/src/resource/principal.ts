import type { VerifiedSignature } from '../signatures/types.ts';
import type { PresentedToken } from '../tokens/types.ts';
import type { Principal } from './types.ts';

/**
 * Who a verified signature makes the sender.
 *
 * @throws TypeError for the scheme `jkt-jwt`, which speaks to an agent provider and never to a resource
 */
export function principalOf(signature: VerifiedSignature<PresentedToken>): Principal {
  const { jkt, publicJwk, identity } = signature;
  switch (identity.scheme) {
    case 'hwk':
      return { level: 'pseudonymous', scheme: 'hwk', jkt, publicJwk };
    case 'jwks_uri':
      return { level: 'identified', scheme: 'jwks_uri', server: identity.server, dwk: identity.dwk, jkt, publicJwk };
    case 'jwt':
      return { ...tokenHolder(identity.token), scheme: 'jwt', jkt, publicJwk };
    case 'jkt-jwt':
      throw new TypeError('The scheme jkt-jwt makes nobody a principal of a resource.');
  }
}

function tokenHolder(token: PresentedToken) {
  switch (token.type) {
    case 'aa-agent+jwt':
      return { level: 'identified', agent: token.agent, agentProvider: token.issuer, token } as const;
    case 'aa-person+jwt':
      return { level: 'person', personServer: token.issuer, subject: token.subject, token } as const;
    case 'aa-auth+jwt':
      return {
        level: 'authorized',
        personServer: token.personServer,
        subject: token.subject,
        scope: token.scope,
        token,
      } as const;
  }
}
