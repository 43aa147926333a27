import {
  type AgentIdentifier,
  agentDomain,
  parseAgentIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';

// No vowels, so that no words appear, and nothing that is read as something else.
const alphabet = '23456789bcdfghjkmnpqrstvwxz';
const suffixLength = 8;
const maxSlugLength = 40;

/** What people recognise in an agent's identifier: its name in lower-case ASCII letters, digits and hyphens. */
export function slug(name: string): string {
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, maxSlugLength)
    .replaceAll(/^-+|-+$/g, '');
  return ascii || 'agent';
}

/** A new identifier for an agent of this name: the slug, and eight random characters that make it this agent's alone. */
export function newAgentIdentifier(name: string, issuer: ServerIdentifier): AgentIdentifier {
  return parseAgentIdentifier(`aauth:${slug(name)}-${randomSuffix()}@${agentDomain(issuer)}`).id;
}

function randomSuffix(): string {
  let suffix = '';
  while (suffix.length < suffixLength) {
    for (const byte of crypto.getRandomValues(new Uint8Array(suffixLength * 2))) {
      // Only whole multiples of the alphabet, so that every character is equally likely.
      if (byte < 243 && suffix.length < suffixLength) suffix += alphabet[byte % alphabet.length];
    }
  }
  return suffix;
}
