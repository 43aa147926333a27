import type { VerifiedResourceToken } from '@aauth-stack/aauth/tokens';
import type { Logger } from '@aauth-stack/service/logger';
import type { Step } from '../environment.ts';
import { agentFacts } from '../token-requests/verify-agent.ts';
import type { OwnToken } from '../tokens/own-tokens.ts';
import { type ClaimMismatch, invalidResourceToken } from './resource-token-error.ts';

/**
 * The resource token says what the presented token says, in every claim that it repeats (AAuth Protocol, "Resource Token
 * Structure"). Where the two disagree somebody may have tampered with one of them. 400 `invalid_resource_token`.
 */
export function checkPresentedToken(log: Logger): Step {
  return async function checkPresentedToken(c, next) {
    const resourceToken = c.get('resourceToken');
    const mismatch = comparisons(resourceToken, c.get('presented').token).find(
      ({ expected, received }) => expected !== received,
    );
    if (mismatch) {
      log.warn(
        { ...agentFacts(c), resource: resourceToken.issuer, jti: resourceToken.jti, ...mismatch },
        `possible tampering: the ${mismatch.claim} of a resource token is not that of the presented token`,
      );
      throw invalidResourceToken(`The resource token and the presented token disagree on ${mismatch.claim}.`, mismatch);
    }
    await next();
  };
}

function comparisons(resourceToken: VerifiedResourceToken, presented: OwnToken['token']): readonly ClaimMismatch[] {
  const personServer = presented.type === 'aa-auth+jwt' ? presented.personServer : presented.issuer;
  return [
    { claim: 'iss', expected: presented.audience, received: resourceToken.issuer },
    { claim: 'agent_jkt', expected: presented.key.thumbprint, received: resourceToken.agentJkt },
    { claim: 'presented_jti', expected: presented.jti, received: resourceToken.presentedJti },
    { claim: 'ps', expected: personServer, received: resourceToken.personServer },
    { claim: 'sub', expected: presented.subject, received: resourceToken.subject },
    { claim: 'mission_s256', expected: presented.missionS256, received: resourceToken.missionS256 },
    { claim: 'tenant', expected: presented.tenant, received: resourceToken.tenant },
  ];
}
