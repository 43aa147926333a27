import type { Clock } from '@aauth-stack/aauth/clock';
import { DeferredError } from '@aauth-stack/aauth/errors';
import { parseAgentIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { issueAgentToken } from '@aauth-stack/aauth/tokens';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, currentSpan } from '@aauth-stack/telemetry';
import type { KeyProof } from '../checks/env.ts';
import type { Queries } from '../db/queries.ts';
import { issuedTokens } from '../db/schema.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';
import { touchActiveAgent } from './storage.ts';

/** What an agent gets for its two keys. */
export interface IssuedAgentToken {
  agent_token: string;
  /** Seconds. */
  expires_in: number;
}

/** Issues agent tokens within a transaction of the caller, and records each. */
export type IssueToken = (tx: Queries, agentId: string, proof: KeyProof) => Promise<IssuedAgentToken>;

/**
 * The token and its record are one transaction that holds the agent's row and the signing key's: when a revocation or
 * a rotation has committed, no later token exists that it does not know of.
 */
export function createTokenIssuer(options: {
  issuer: ServerIdentifier;
  personServer: ServerIdentifier;
  lifetime: number;
  signingKeys: SigningKeys;
  now: Clock;
  log: Logger;
}): IssueToken {
  const { issuer, personServer, lifetime, signingKeys, now, log } = options;
  return async (tx, agentId, proof) => {
    const issuedAt = now();
    if (!(await touchActiveAgent(tx, agentId, issuedAt))) throw agentRevoked(agentId);
    const { kid, key } = await signingKeys.active(tx);
    const { token, claims, jti, expiresAt } = await issueAgentToken({
      issuer,
      subject: parseAgentIdentifier(agentId).id,
      key,
      cnf: proof.ephemeralKey,
      personServer,
      now,
      lifetime,
    });
    currentSpan()?.setAttribute(attribute.agent, agentId);
    await tx.insert(issuedTokens).values({
      jti,
      agentId,
      kid,
      stableJkt: proof.stableJkt,
      jkt: proof.jkt,
      issuedAt,
      expiresAt,
    });
    log.info(
      { agent: agentId, jti, kid, jkt: proof.jkt, expires_at: expiresAt },
      `issued an agent token to ${agentId}`,
    );
    return { agent_token: token, expires_in: claims.exp - claims.iat };
  };
}

/** The refusal of everything a revoked agent asks for. */
export function agentRevoked(agentId: string): DeferredError {
  return new DeferredError('revoked', `${agentId} has been revoked by its person and gets no more tokens.`);
}
