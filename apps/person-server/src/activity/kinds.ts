/** What can happen in a person's name. */
export const activityKinds = [
  'enrolment-approved',
  'enrolment-denied',
  'agent-revoked',
  'provider-added',
  'provider-removed',
  'consent-asked',
  'consent-approved',
  'consent-denied',
  /** Nobody decided in time, the agent took its request back, or what it rested on was revoked. */
  'consent-ended',
  'consent-withdrawn',
  'question-asked',
  'question-answered',
  'token-issued',
  'token-refused',
  'token-revoked',
  'settings-changed',
  'signed-in',
  'signed-out',
  'sessions-ended',
] as const;

export type ActivityKind = (typeof activityKinds)[number];

/** `sent`: written down before it was carried out, and not confirmed yet. */
export type ActivityOutcome = 'done' | 'sent' | 'refused' | 'unanswered';
