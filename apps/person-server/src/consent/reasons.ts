import type { PolicyReason } from './policy.ts';

const sentences = {
  'standing-policy': 'The standing policy lets approved agents act.',
  'first-use-asks': 'The policy is to ask the person at the first use.',
  'always-asks': 'The policy is to ask the person every time.',
  'scope-needs-person': 'A scope among those wanted is granted by the person alone.',
  'unnamed-scope-needs-person': 'The resource named no scope, and only the person can agree to that.',
} as const satisfies Record<PolicyReason, string>;

/** A policy's reason in one sentence. */
export function explainReason(reason: PolicyReason): string {
  return sentences[reason];
}
