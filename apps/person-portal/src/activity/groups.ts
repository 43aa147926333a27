import type { ActivityKind } from '../api/activity.ts';

/** Kinds of activity that are looked for together; none means all. */
export const activityGroups = {
  all: [],
  decisions: [
    'consent-asked',
    'consent-approved',
    'consent-denied',
    'consent-ended',
    'consent-withdrawn',
    'question-asked',
    'question-answered',
  ],
  tokens: ['token-issued', 'token-refused', 'token-revoked'],
  agents: ['enrolment-approved', 'enrolment-denied', 'agent-revoked', 'provider-added', 'provider-removed'],
  account: ['settings-changed', 'signed-in', 'signed-out', 'sessions-ended'],
} as const satisfies Record<string, readonly ActivityKind[]>;

export type ActivityGroup = keyof typeof activityGroups;

export const groupNames: Readonly<Record<ActivityGroup, string>> = {
  all: 'All',
  decisions: 'Decisions',
  tokens: 'Tokens',
  agents: 'Agents',
  account: 'Account',
};
