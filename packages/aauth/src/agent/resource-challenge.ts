import { PeerError } from '../errors.ts';
import type { VerifiedAuthToken, VerifiedPersonToken, VerifiedResourceToken } from '../tokens/types.ts';
import { createResourceTokenVerifier } from '../tokens/verify-resource-token.ts';
import type { Call } from './call.ts';
import type { Standing } from './standing.ts';
import { checkToken } from './token-checks.ts';

const code = 'invalid_resource_token';

/**
 * Verifies the resource token of a challenge (AAuth Protocol, "Resource Challenge Verification"): it is signed by
 * the resource that was called, and made for this agent's key from the very token that was presented. Anything else could have
 * the person server grant this agent's access to somebody else, or somebody else's to this agent.
 *
 * @throws PeerError `invalid_resource_token`; UnavailableError when the resource's keys cannot be fetched
 */
export async function verifyResourceChallenge(
  { agent, resource }: Call,
  standing: Standing,
  compact: string,
): Promise<VerifiedResourceToken> {
  const what = `The resource token of ${resource}`;
  if (standing.level === 'agent') {
    const reason = 'it was made from an agent token, and only a person or auth token makes one';
    throw new PeerError(code, 502, `${what} cannot be used: ${reason}.`);
  }
  const { token, credentials } = standing;
  const verifyToken = createResourceTokenVerifier({ ...agent.verification, resources: [{ issuer: resource }] });
  return checkToken(
    what,
    code,
    () => verifyToken(compact),
    (received) => [
      { claim: 'agent_jkt', expected: credentials.key.thumbprint, received: received.agentJkt },
      { claim: 'ps', expected: personServerOf(token), received: received.personServer },
      { claim: 'sub', expected: token.subject, received: received.subject },
      { claim: 'presented_jti', expected: token.jti, received: received.presentedJti },
      { claim: 'mission_s256', expected: token.missionS256, received: received.missionS256 },
      { claim: 'tenant', expected: token.tenant, received: received.tenant },
    ],
  );
}

function personServerOf(token: VerifiedPersonToken | VerifiedAuthToken): string {
  return token.type === 'aa-person+jwt' ? token.issuer : token.personServer;
}
