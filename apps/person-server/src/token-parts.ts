import type { Clock } from '@aauth-stack/aauth/clock';
import { createPollPace } from '@aauth-stack/aauth/deferred';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import type { ReplayCache } from '@aauth-stack/aauth/signatures';
import type { Waiter } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import type { Reconciliation } from './agent-providers/reconciliation.ts';
import type { Trust } from './agent-providers/trust.ts';
import { checkAgentKey } from './auth-tokens/check-agent-key.ts';
import { checkAudience } from './auth-tokens/check-audience.ts';
import { checkPerson } from './auth-tokens/check-person.ts';
import { checkPersonServer } from './auth-tokens/check-person-server.ts';
import { checkPresentedToken } from './auth-tokens/check-presented-token.ts';
import { checkScope } from './auth-tokens/check-scope.ts';
import { loadPresentedToken } from './auth-tokens/load-presented-token.ts';
import { loadResourceToken } from './auth-tokens/load-resource-token.ts';
import { parseAuthTokenRequest } from './auth-tokens/parse-request.ts';
import { answerQuestion } from './clarification/answer-question.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import type { InteractionCodes } from './interaction/interaction-code.ts';
import type { SigningKeys } from './keys/signing-keys.ts';
import { limitTokenRequest } from './limit-body.ts';
import { cancelRequest } from './pending/cancel.ts';
import { admitRequester } from './pending/load-own-request.ts';
import { pollPending } from './pending/poll.ts';
import { limitResources } from './person-tokens/limit-resources.ts';
import { parsePersonTokenRequest } from './person-tokens/parse-request.ts';
import { noStore } from './portal/security-headers.ts';
import type { Revocations } from './revocation/revocations.ts';
import type { Settings } from './settings/settings.ts';
import type { TokenEndpointParts } from './token-endpoints.ts';
import { answerTokenRequest } from './token-requests/answer.ts';
import { checkAgent } from './token-requests/check-agent.ts';
import { checkSubAgent } from './token-requests/check-sub-agent.ts';
import { loadPerson } from './token-requests/load-person.ts';
import { recordAgentToken } from './token-requests/record-agent-token.ts';
import { admitIntermediary, createUpstreamVerifier, loadUpstreamToken } from './token-requests/upstream-token.ts';
import { verifyAgent } from './token-requests/verify-agent.ts';
import { loadDirectedSubject } from './tokens/directed-subject.ts';
import { createIssuance } from './tokens/issuance.ts';
import { createOwnTokenReader } from './tokens/own-tokens.ts';
import { authTokenQuestion, personTokenQuestion } from './tokens/question.ts';

export interface TokenPartsOptions {
  config: Config;
  db: Database;
  trust: Trust;
  revocations: Revocations;
  settings: Pick<Settings, 'policyOf'>;
  reconciliation: Reconciliation;
  signingKeys: SigningKeys;
  discovery: Discovery;
  keys: KeyBackend;
  codes: InteractionCodes;
  waiter: Waiter;
  seen: ReplayCache;
  now: Clock;
  log: Logger;
}

/** Makes the checks of the token endpoints and what issues behind them. */
export async function createTokenParts(options: TokenPartsOptions): Promise<TokenEndpointParts> {
  const { config, db, trust, revocations, signingKeys, discovery, keys, codes, seen, now, log } = options;
  const { issuer, identifiers, tokenLifetime: lifetime, pendingLifetime } = config;
  const directedSubject = await loadDirectedSubject(db);
  const readOwnToken = createOwnTokenReader({ db, issuer, identifiers, keys, now });
  const verifyUpstreamToken = createUpstreamVerifier(readOwnToken);
  const issuance = createIssuance({ db, trust, signingKeys, issuer, directedSubject, lifetime, now, log });
  const verification = { revocations, discovery, identifiers, keys, now };
  const agentVerification = { ...verification, origin: issuer, trust, seen };
  const { policyOf } = options.settings;
  const answering = { db, issuer, policyOf, codes, pendingLifetime, issuance, now, log };

  const exchangeChecks = {
    loadResourceToken: loadResourceToken({ ...verification, db }),
    checkPersonServer: checkPersonServer(issuer),
    checkAudience: checkAudience(issuer),
    checkAgentKey,
    loadPresentedToken: loadPresentedToken(readOwnToken),
    checkPresentedToken: checkPresentedToken(log),
    checkPerson: checkPerson(directedSubject),
    checkScope: checkScope(discovery),
  };
  const pending = { ...answering, identifiers };

  return {
    checks: {
      noStore,
      limitTokenRequest,
      verifyAgent: verifyAgent({ ...agentVerification, admits: admitIntermediary(verifyUpstreamToken) }),
      verifyPollingAgent: verifyAgent({ ...agentVerification, admits: admitRequester(db) }),
      checkSubAgent,
      checkAgent: checkAgent(db),
      recordAgentToken: recordAgentToken(db),
      parsePersonTokenRequest: parsePersonTokenRequest(identifiers),
      parseAuthTokenRequest,
      loadUpstreamToken: loadUpstreamToken(verifyUpstreamToken),
      loadPerson: loadPerson({ db, own: config.agentProvider, reconciliation: options.reconciliation }),
      ...exchangeChecks,
      limitResources: limitResources({ db, now, maxResources: config.maxResourcesPerAgent }),
    },
    personToken: answerTokenRequest(answering, personTokenQuestion),
    authToken: answerTokenRequest(answering, authTokenQuestion),
    pollPending: pollPending({ ...pending, waiter: options.waiter, pace: createPollPace({ now }) }),
    answerQuestion: answerQuestion({ ...pending, exchangeChecks: Object.values(exchangeChecks) }),
    cancelRequest: cancelRequest(pending),
  };
}
