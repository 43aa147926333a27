/** `AAUTH_CONSENT_POLICY`: `standing` lets approved agents act, `first-use` asks once, `always` asks every time. */
export const consentPolicies = ['standing', 'first-use', 'always'] as const;

export type ConsentPolicy = (typeof consentPolicies)[number];

/** What is being asked for. */
export interface PolicyQuestion {
  readonly tokenType: 'aa-person+jwt' | 'aa-auth+jwt';
  /** What an auth token is to grant; empty for a person token. */
  readonly scope: readonly string[];
}

/** Why the policy answers as it does. */
export type PolicyReason =
  | 'standing-policy'
  | 'first-use-asks'
  | 'always-asks'
  | 'scope-needs-person'
  | 'unnamed-scope-needs-person';

/** `grant` at once, or `ask` the person. */
export interface PolicyAnswer {
  readonly answer: 'grant' | 'ask';
  readonly reason: PolicyReason;
  /** The scopes that need the person. */
  readonly needsPerson: readonly string[];
}

export interface PolicyOptions {
  readonly policy: ConsentPolicy;
  /** Scopes that are granted by the person alone, whatever the policy. */
  readonly needsPersonScopes: readonly string[];
}

/** Answers for the person what their standing policy settles. Decides on nothing but what is asked for. */
export function applyPolicy(options: PolicyOptions, { tokenType, scope }: PolicyQuestion): PolicyAnswer {
  const { policy, needsPersonScopes } = options;
  const needsPerson = scope.filter((name) => needsPersonScopes.includes(name));
  const ask = (reason: PolicyReason): PolicyAnswer => ({ answer: 'ask', reason, needsPerson });
  if (policy === 'always') return ask('always-asks');
  if (needsPerson.length > 0) return ask('scope-needs-person');
  // Whatever a resource token without a scope stands for, nobody has agreed to it beforehand (protocol.md §1).
  if (tokenType === 'aa-auth+jwt' && scope.length === 0) return ask('unnamed-scope-needs-person');
  if (policy === 'first-use') return ask('first-use-asks');
  return { answer: 'grant', reason: 'standing-policy', needsPerson };
}
