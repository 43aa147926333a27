import type { DecisionReason } from './policy.ts';

const sentences = {
  'standing-policy': 'The standing policy lets approved agents act.',
  consent: 'The person agreed to this request.',
  'remembered-consent': 'The person agreed to this before, and to not being asked again.',
  'first-use-asks': 'The policy is to ask the person at the first use.',
  'always-asks': 'The policy is to ask the person every time.',
  'scope-needs-person': 'A scope among those wanted is granted by the person alone.',
  'unnamed-scope-needs-person': 'The resource named no scope, and only the person can agree to that.',
  'agent-asks': 'The agent wants the person to be asked.',
} as const satisfies Record<DecisionReason, string>;

/** In one sentence, why a request was decided as it was. */
export function explainReason(reason: DecisionReason): string {
  return sentences[reason];
}
