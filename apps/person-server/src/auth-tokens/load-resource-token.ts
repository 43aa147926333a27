import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import { SignatureError } from '@aauth-stack/aauth/errors';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import type { RevocationStore } from '@aauth-stack/aauth/resource';
import { createResourceTokenVerifier, readBodyToken } from '@aauth-stack/aauth/tokens';
import type { Database } from '../db/database.ts';
import type { Step } from '../environment.ts';
import { traceExchange } from '../token-requests/trace.ts';
import { hasTokenFor } from '../tokens/records.ts';

export interface LoadResourceTokenOptions {
  db: Database;
  discovery: Discovery;
  identifiers: IdentifierPolicy;
  revocations: Pick<RevocationStore, 'isRevoked'>;
  keys: KeyBackend;
  now: Clock;
}

/**
 * Verifies `resource_token` with the keys that the resource publishes. Only those of resources are fetched for which this agent
 * has got a token here; nothing could be exchanged for any other.
 * 400 `invalid_resource_token` | `expired_resource_token` | `revoked_resource_token` | `clock_skew`; 503 when it does not answer.
 */
export function loadResourceToken({ db, revocations, ...verification }: LoadResourceTokenOptions): Step {
  return async function loadResourceToken(c, next) {
    const { issuer: agentProvider, agent } = c.get('agentToken');
    const verify = createResourceTokenVerifier({
      ...verification,
      revoked: revocations.isRevoked,
      resources: async (issuer) => {
        if (await hasTokenFor(db, { agentProvider, agentId: agent, audience: issuer })) return { issuer };
        throw new SignatureError('invalid_jwt', `${agent} has no person token for ${issuer}.`, {
          cause: { claim: 'iss', received: issuer },
        });
      },
    });
    const { resourceToken: compact } = c.get('authTokenParameters');
    const resourceToken = await readBodyToken('resource', () => verify(compact));
    const { type, issuer: resource, scope } = resourceToken;
    traceExchange({ agent: { id: agent }, upstream: c.get('upstream') }, 'requested', {
      type,
      resource,
      scope,
      compact,
    });
    c.set('resourceToken', resourceToken);
    const request = c.get('tokenRequest');
    const { loginHint = request.loginHint, tenant = request.tenant } = resourceToken;
    c.set('tokenRequest', { ...request, loginHint, tenant });
    await next();
  };
}
