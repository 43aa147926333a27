/** `AAUTH_CONSENT_POLICY`: `standing` lets approved agents act, `first-use` asks once, `always` asks every time. */
export const consentPolicies = ['standing', 'first-use', 'always'] as const;

export type ConsentPolicy = (typeof consentPolicies)[number];

/** What is being asked for. */
export interface PolicyQuestion {
  readonly tokenType: 'aa-person+jwt' | 'aa-auth+jwt';
  /** What an auth token is to grant; empty for a person token. */
  readonly scope: readonly string[];
}

/** Why the person is asked; `agent-asks`: the agent wants them to be (`prompt`). */
export type AskReason =
  | 'first-use-asks'
  | 'always-asks'
  | 'scope-needs-person'
  | 'unnamed-scope-needs-person'
  | 'agent-asks';

/** What a token is granted on: the policy alone, the person's answer, or one that they let stand. */
export type GrantReason = 'standing-policy' | 'consent' | 'remembered-consent';

/** Why a request was decided as it was. */
export type DecisionReason = AskReason | GrantReason;

/** `grant` at once, or `ask` the person. */
export type PolicyAnswer = {
  /** The scopes that need the person. */
  readonly needsPerson: readonly string[];
} & (
  | { readonly answer: 'grant'; readonly reason: 'standing-policy' }
  | { readonly answer: 'ask'; readonly reason: AskReason }
);

export interface PolicyOptions {
  readonly policy: ConsentPolicy;
  /** Scopes that are granted by the person alone, whatever the policy. */
  readonly needsPersonScopes: readonly string[];
}

/** Answers for the person what their standing policy settles. Decides on nothing but what is asked for. */
export function applyPolicy(options: PolicyOptions, { tokenType, scope }: PolicyQuestion): PolicyAnswer {
  const { policy, needsPersonScopes } = options;
  const needsPerson = scope.filter((name) => needsPersonScopes.includes(name));
  const ask = (reason: AskReason): PolicyAnswer => ({ answer: 'ask', reason, needsPerson });
  if (policy === 'always') return ask('always-asks');
  if (needsPerson.length > 0) return ask('scope-needs-person');
  // Whatever a resource token without a scope stands for, nobody has agreed to it beforehand.
  if (tokenType === 'aa-auth+jwt' && scope.length === 0) return ask('unnamed-scope-needs-person');
  if (policy === 'first-use') return ask('first-use-asks');
  return { answer: 'grant', reason: 'standing-policy', needsPerson };
}
