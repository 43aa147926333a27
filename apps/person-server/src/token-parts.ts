import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import type { ReplayCache } from '@aauth-stack/aauth/signatures';
import type { Logger } from '@aauth-stack/service/logger';
import type { Reconciliation } from './agent-providers/reconciliation.ts';
import type { Trust } from './agent-providers/trust.ts';
import { checkAgentKey } from './auth-tokens/check-agent-key.ts';
import { checkAudience } from './auth-tokens/check-audience.ts';
import { checkPerson } from './auth-tokens/check-person.ts';
import { checkPersonServer } from './auth-tokens/check-person-server.ts';
import { checkPresentedToken } from './auth-tokens/check-presented-token.ts';
import { checkScope } from './auth-tokens/check-scope.ts';
import { authToken } from './auth-tokens/issue.ts';
import { loadPresentedToken } from './auth-tokens/load-presented-token.ts';
import { loadResourceToken } from './auth-tokens/load-resource-token.ts';
import { parseAuthTokenRequest } from './auth-tokens/parse-request.ts';
import type { Config } from './config.ts';
import { askPolicyForAuthToken, askPolicyForPersonToken } from './consent/ask-policy.ts';
import type { Database } from './db/database.ts';
import type { SigningKeys } from './keys/signing-keys.ts';
import { limitTokenRequest } from './limit-body.ts';
import { personToken } from './person-tokens/issue.ts';
import { limitResources } from './person-tokens/limit-resources.ts';
import { parsePersonTokenRequest } from './person-tokens/parse-request.ts';
import { noStore } from './portal/security-headers.ts';
import type { Revocations } from './revocation/revocations.ts';
import type { TokenEndpointParts } from './token-endpoints.ts';
import { checkAgent } from './token-requests/check-agent.ts';
import { checkSubAgent } from './token-requests/check-sub-agent.ts';
import { loadPerson } from './token-requests/load-person.ts';
import { recordAgentToken } from './token-requests/record-agent-token.ts';
import { createUpstreamVerifier, loadUpstreamToken } from './token-requests/upstream-token.ts';
import { verifyAgent } from './token-requests/verify-agent.ts';
import { loadDirectedSubject } from './tokens/directed-subject.ts';
import { createIssuance } from './tokens/issuance.ts';
import { createOwnTokenReader } from './tokens/own-tokens.ts';

export interface TokenPartsOptions {
  config: Config;
  db: Database;
  trust: Trust;
  revocations: Revocations;
  reconciliation: Reconciliation;
  signingKeys: SigningKeys;
  discovery: Discovery;
  keys: KeyBackend;
  seen: ReplayCache;
  now: Clock;
  log: Logger;
}

/** Makes the checks of the token endpoints and what issues behind them. */
export async function createTokenParts(options: TokenPartsOptions): Promise<TokenEndpointParts> {
  const { config, db, trust, revocations, signingKeys, discovery, keys, now, log } = options;
  const { issuer, identifiers, consent, tokenLifetime: lifetime } = config;
  const directedSubject = await loadDirectedSubject(db);
  const readOwnToken = createOwnTokenReader({ db, issuer, identifiers, keys, now });
  const verifyUpstreamToken = createUpstreamVerifier(readOwnToken);
  const issuance = createIssuance({ db, trust, signingKeys, now, log });
  const verification = { revocations, discovery, identifiers, keys, now };

  return {
    checks: {
      noStore,
      limitTokenRequest,
      verifyAgent: verifyAgent({ ...verification, origin: issuer, trust, verifyUpstreamToken, seen: options.seen }),
      checkSubAgent,
      checkAgent: checkAgent(db),
      recordAgentToken: recordAgentToken(db),
      parsePersonTokenRequest: parsePersonTokenRequest(identifiers),
      parseAuthTokenRequest,
      loadUpstreamToken: loadUpstreamToken(verifyUpstreamToken),
      loadPerson: loadPerson({ db, own: config.agentProvider, reconciliation: options.reconciliation }),
      loadResourceToken: loadResourceToken({ ...verification, db }),
      checkPersonServer: checkPersonServer(issuer),
      checkAudience: checkAudience(issuer),
      checkAgentKey,
      loadPresentedToken: loadPresentedToken(readOwnToken),
      checkPresentedToken: checkPresentedToken(log),
      checkPerson: checkPerson(directedSubject),
      checkScope: checkScope(discovery),
      limitResources: limitResources({ db, now, maxResources: config.maxResourcesPerAgent }),
      askPolicyForPersonToken: askPolicyForPersonToken({ db, consent, now }),
      askPolicyForAuthToken: askPolicyForAuthToken({ db, consent, now }),
    },
    personToken: personToken({ issuer, issuance, directedSubject, lifetime, now }),
    authToken: authToken({ issuer, issuance, lifetime, now }),
  };
}
