import { systemClock } from '../clock.ts';
import { RequirementError } from '../errors.ts';
import { toProblem } from '../problem.ts';
import { formatRequirement } from '../requirement.ts';
import type { VerifiedSignature } from '../signatures/types.ts';
import { type IssuedResourceToken, issueResourceToken } from '../tokens/resource-token.ts';
import { type PresentedToken, tokenTypes } from '../tokens/types.ts';
import { acceptedSchemes, acceptedTokenTypes } from './authenticate.ts';
import type { ResourceOptions } from './options.ts';
import type { ScopePolicy } from './scopes.ts';
import type { AuthorizedPrincipal, PersonPrincipal, Principal, Refused } from './types.ts';

/** What a sender that is known can be answered with, when that is not enough. */
export interface Challenges {
  /** @throws TypeError when this resource has no means to ask for it: a mistake in its options */
  checkCanAsk(requirement: 'person-token' | 'auth-token'): void;
  /** A resource token for what the sender presented; `scope` as it is to stand in it. */
  resourceToken(
    principal: PersonPrincipal | AuthorizedPrincipal,
    scope: readonly string[],
    account: string | undefined,
  ): Promise<IssuedResourceToken>;
  personTokenRequired(principal: Principal, signature: VerifiedSignature<PresentedToken>): Refused;
  /** Asks for an auth token that grants the scopes: those granted already are kept, so that one token serves both calls. */
  authTokenRequired(
    principal: PersonPrincipal | AuthorizedPrincipal,
    signature: VerifiedSignature<PresentedToken>,
    requiredScopes: readonly string[],
  ): Promise<Refused>;
}

export function createChallenges(options: ResourceOptions, scopes: ScopePolicy): Challenges {
  const { identifier, signingKey, accessServer, now = systemClock } = options;
  const accepts = acceptedSchemes(options).includes('jwt') ? acceptedTokenTypes(options) : [];

  function issuer() {
    if (identifier && signingKey?.kid) return { identifier, signingKey };
    throw new TypeError(
      'identifier and signingKey, with the kid it is published under, are needed to ask for auth tokens.',
    );
  }

  const challenges: Challenges = {
    checkCanAsk(requirement) {
      if (!accepts.includes(tokenTypes.person)) {
        throw new TypeError(
          'schemes and tokenTypes must admit person tokens where more than an agent token is needed.',
        );
      }
      if (requirement === 'person-token') return;
      if (!accepts.includes(tokenTypes.auth)) {
        throw new TypeError('tokenTypes must admit auth tokens where they are needed.');
      }
      issuer();
    },

    async resourceToken({ token, personServer, subject, jkt }, scope, account) {
      const { identifier, signingKey } = issuer();
      return issueResourceToken({
        issuer: identifier,
        audience: accessServer?.issuer ?? personServer,
        personServer,
        subject,
        presentedJti: token.jti,
        agentJkt: jkt,
        scope,
        account,
        missionS256: token.missionS256,
        tenant: token.tenant,
        key: signingKey,
        now,
      });
    },

    personTokenRequired(principal, signature) {
      const error = new RequirementError(
        'person_token_required',
        'Who is calling is known; for whom is not. Present a person token for this resource.',
      );
      const header = formatRequirement({ requirement: 'person-token' });
      return {
        ok: false,
        error,
        response: toProblem(error, { 'aauth-requirement': header }),
        challenge: { requirement: 'person-token', resourceToken: undefined, principal, signature },
      };
    },

    async authTokenRequired(principal, signature, requiredScopes) {
      const steppingUp = principal.level === 'authorized';
      const error = steppingUp
        ? new RequirementError('insufficient_scope', `This call needs the scope ${requiredScopes.join(' ')} as well.`)
        : new RequirementError(
            'auth_token_required',
            'This call needs an auth token; exchange the resource token for one.',
          );
      const wanted = [...(steppingUp ? principal.scope : scopes.defaults), ...requiredScopes];
      const scope = await scopes.askable(wanted, principal.personServer);
      const account = steppingUp ? principal.token.account : undefined;
      const resourceToken = await challenges.resourceToken(principal, scope, account);
      const header = formatRequirement({
        requirement: 'auth-token',
        parameters: { 'resource-token': resourceToken.token },
      });
      return {
        ok: false,
        error,
        response: toProblem(error, { 'aauth-requirement': header }),
        challenge: { requirement: 'auth-token', resourceToken, principal, signature },
      };
    },
  };
  return challenges;
}
