import type { Exchange, Token } from '../model/flow.ts';
import { type Section, sections } from './sections.ts';

const types: Readonly<Record<string, { name: string; about: string; section: Section }>> = {
  'aa-agent+jwt': {
    name: 'agent token',
    about:
      'Says which agent this is, on the word of its Agent Provider. It signs nothing by itself: the key in cnf does.',
    section: sections.agentToken,
  },
  'aa-person+jwt': {
    name: 'person token',
    about: 'Names the person to one resource, by an identifier that no other resource sees. It grants nothing.',
    section: sections.personToken,
  },
  'aa-resource+jwt': {
    name: 'resource token',
    about: 'What the resource asks the Person Server for: which scopes, for whom, with which key.',
    section: sections.resourceToken,
  },
  'aa-auth+jwt': {
    name: 'auth token',
    about: 'What the person, or their standing policy, granted this agent at this resource.',
    section: sections.authToken,
  },
  'jkt-s256+jwt': {
    name: 'key token',
    about: 'An agent’s long-lived key vouches for the short-lived one that signs the request.',
    section: sections.signatureKey,
  },
};

/** "auth token"; the type itself where it is none of the protocol's. */
export function tokenName(type: string): string {
  return types[type]?.name ?? type;
}

export function aboutToken(type: string): { about: string; section: Section } | undefined {
  return types[type];
}

/** "an auth token" */
export function aToken(type: string): string {
  const name = tokenName(type);
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** How a token travels: "presented token in the body". */
export function tokenPlace({ role, parameter }: Token): string {
  if (role === 'presented') return 'signs the request';
  if (role === 'requirement') return 'comes with the requirement';
  if (role === 'issued') return 'issued by the answer';
  return parameter === null ? 'in the body' : `in the body, as ${parameter}`;
}

export function presentedIn({ tokens }: Exchange): Token | undefined {
  return tokens.find(({ role }) => role === 'presented');
}

export function issuedIn({ tokens }: Exchange): Token | undefined {
  return tokens.find(({ role }) => role === 'issued');
}

/** The scopes that a token names. */
export function scopesOf(token: Token | undefined): string[] {
  const scope = token?.claims.scope;
  return typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : [];
}
