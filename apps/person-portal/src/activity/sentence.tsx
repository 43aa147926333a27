import { type MeaningName, Said } from '@aauth-stack/ui';
import type { ReactNode } from 'react';
import type { ActivityEntry, ActivityKind } from '../api/activity.ts';
import { hostOf, ResourceName, tokenTypeName } from '../pages/names.tsx';
import styles from './activity.module.css';

interface Telling {
  of: MeaningName;
  word: string;
  tell: (parts: {
    agent: ReactNode;
    at: ReactNode;
    provider: string;
    token: string;
    type: string;
    reason: string | null;
  }) => ReactNode;
}

const endings: Readonly<Record<string, string>> = {
  expired: 'ran out before you decided',
  abandoned: 'ran out before you decided',
  cancelled: 'was taken back by the agent',
  revoked: 'ended, because something that it rested on was revoked',
  invalid_code: 'ended, because too many wrong codes were tried',
  denied: 'ended at the resource, where it was denied',
  server_error: 'ended, because the resource failed',
};

const tellings: Readonly<Record<ActivityKind, Telling>> = {
  'enrolment-approved': {
    of: 'consent',
    word: 'Approved',
    tell: ({ agent }) => <>You approved {agent} as your agent</>,
  },
  'enrolment-denied': {
    of: 'refusal',
    word: 'Denied',
    tell: ({ agent }) => <>You denied {agent} to become your agent</>,
  },
  'agent-revoked': { of: 'refusal', word: 'Revoked', tell: ({ agent }) => <>You revoked {agent}</> },
  'provider-added': { of: 'identity', word: 'Trusted', tell: ({ provider }) => <>You trusted {provider}</> },
  'provider-removed': { of: 'refusal', word: 'Removed', tell: ({ provider }) => <>You removed {provider}</> },
  'consent-asked': {
    of: 'challenge',
    word: 'Asked',
    tell: ({ agent, at }) => (
      <>
        {agent} asked you for access{at}
      </>
    ),
  },
  'consent-approved': {
    of: 'consent',
    word: 'Approved',
    tell: ({ agent, at }) => (
      <>
        You approved {agent}
        {at}
      </>
    ),
  },
  'consent-denied': {
    of: 'refusal',
    word: 'Denied',
    tell: ({ agent, at }) => (
      <>
        You denied {agent}
        {at}
      </>
    ),
  },
  'consent-ended': {
    of: 'refusal',
    word: 'Ended',
    tell: ({ agent, at, reason }) => (
      <>
        The request of {agent}
        {at} {endings[reason ?? ''] ?? 'ended'}
      </>
    ),
  },
  'consent-withdrawn': {
    of: 'refusal',
    word: 'Withdrawn',
    tell: ({ agent, at }) => (
      <>
        You withdrew your consent for {agent}
        {at}
      </>
    ),
  },
  'question-asked': {
    of: 'challenge',
    word: 'Question',
    tell: ({ agent, at }) => (
      <>
        You asked {agent} about its request{at}
      </>
    ),
  },
  'question-answered': {
    of: 'challenge',
    word: 'Answer',
    tell: ({ agent, at }) => (
      <>
        {agent} answered about its request{at}
      </>
    ),
  },
  'token-issued': {
    of: 'exchange',
    word: 'Issued',
    tell: ({ agent, at, token }) => (
      <>
        {agent} got {token}
        {at}
      </>
    ),
  },
  'token-refused': {
    of: 'refusal',
    word: 'Refused',
    tell: ({ agent, at, token }) => (
      <>
        {agent} was refused {token}
        {at}
      </>
    ),
  },
  'token-revoked': {
    of: 'refusal',
    word: 'Revoked',
    tell: ({ agent, at, type }) => (
      <>
        The {type} of {agent}
        {at} was revoked
      </>
    ),
  },
  'settings-changed': { of: 'identity', word: 'Settings', tell: () => 'You changed the settings' },
  'signed-in': { of: 'identity', word: 'Signed in', tell: () => 'You signed in' },
  'signed-out': { of: 'identity', word: 'Signed out', tell: () => 'You signed out' },
  'sessions-ended': { of: 'refusal', word: 'Ended', tell: () => 'You ended your sessions elsewhere' },
};

/** What happened, in one sentence. */
export function Sentence({ entry }: { entry: ActivityEntry }) {
  const { agent_name: name, resource, resource_name: resourceName, agent_provider: provider, token_type: type } = entry;
  const typeName = type === null ? 'token' : tokenTypeName(type).toLowerCase();
  const sentence = tellings[entry.kind].tell({
    agent: name === null ? 'an agent' : <Said>{name}</Said>,
    at:
      resource === null ? (
        ''
      ) : (
        <>
          {' '}
          at <ResourceName issuer={resource} name={resourceName} />
        </>
      ),
    provider: provider === null ? 'an agent provider' : hostOf(provider),
    token: type === 'aa-auth+jwt' ? `an ${typeName}` : `a ${typeName}`,
    type: typeName,
    reason: entry.reason,
  });
  return <span className={styles.sentence}>{sentence}</span>;
}

export function meaningOf({ kind, outcome }: ActivityEntry): MeaningName {
  return outcome === 'refused' || outcome === 'unanswered' ? 'refusal' : tellings[kind].of;
}

/** The word beside the meaning's sign; what a decision failed with, where it did. */
export function wordOf({ kind, outcome }: ActivityEntry): string {
  if (outcome === 'unanswered') return 'Not answered';
  return outcome === 'refused' && kind !== 'token-refused' ? 'Failed' : tellings[kind].word;
}
