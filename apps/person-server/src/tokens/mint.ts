import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { type IssuedToken, issueAuthToken, issuePersonToken, tokenTypes } from '@aauth-stack/aauth/tokens';
import type { DirectedSubject } from './directed-subject.ts';
import type { TokenQuestion } from './question.ts';

export interface MintOptions {
  issuer: ServerIdentifier;
  directedSubject: DirectedSubject;
  /** Seconds. */
  lifetime: number;
  now: Clock;
}

/** What a token is granted on. */
export interface MintedFor {
  readonly personId: string;
  /** What an auth token grants: all that is asked for, or less. */
  readonly scope: readonly string[];
}

/**
 * Makes the token that answers a question. It outlives nothing that it rests on: the agent token, the presented token, the upstream
 * token (AAuth Protocol, "Person Token Structure" for the first of them).
 */
export function mintToken(
  { issuer, directedSubject, lifetime, now }: MintOptions,
  question: TokenQuestion,
  { personId, scope }: MintedFor,
  key: SigningKey,
): Promise<IssuedToken<{ readonly sub: string }>> {
  const { type, resource: audience, account, agent, presented, upstream } = question;
  const common = {
    issuer,
    audience,
    subject: directedSubject(personId, audience),
    cnf: agent.publicJwk,
    key,
    notAfter: [agent, presented, upstream].flatMap((used) => (used ? [used.expiresAt] : [])),
    lifetime,
    now,
  };
  if (type === tokenTypes.person) return issuePersonToken(common);
  return issueAuthToken({ ...common, personServer: issuer, scope, account });
}
