import { type Section, sections } from './sections.ts';

/** What each header is for, and where it is defined. */
const headers: Readonly<Record<string, { about: string; section?: Section }>> = {
  'signature-key': {
    about:
      'Where the key is that signed this request: in the token’s cnf, or published by a server. The token’s own signature is left out here.',
    section: sections.signatureKey,
  },
  'signature-input': { about: 'What the signature covers, and when it was made.', section: sections.signatureInput },
  'content-digest': {
    about: 'A hash of the body. The signature covers it, so the body cannot be changed on the way.',
    section: sections.contentDigest,
  },
  'content-type': { about: 'What the body is.' },
  'aauth-capabilities': {
    about: 'What the agent can deal with: whether it can bring a person to a page, or answer their questions.',
    section: sections.capabilities,
  },
  'aauth-requirement': { about: 'What is missing, and how to get it.', section: sections.requirements },
  'signature-error': { about: 'Why the signature was refused.', section: sections.signatureError },
  'accept-signature-scheme': {
    about: 'The ways to name a key that are accepted here.',
    section: sections.signatureError,
  },
  'accept-signature-alg': { about: 'The algorithms that are accepted here.', section: sections.signatureError },
  location: { about: 'Where to ask for the answer once it is there.', section: sections.deferred },
  'retry-after': { about: 'How many seconds to wait before asking.', section: sections.deferred },
  prefer: { about: 'How long the agent is willing to be kept waiting for the answer.', section: sections.prefer },
  origin: { about: 'The page that sent this request, by its browser’s word.' },
  'x-aauth-level': { about: 'From the proxy: how much is known of the sender.' },
  'x-aauth-scheme': { about: 'From the proxy: how the sender named its key.' },
  'x-aauth-token-type': { about: 'From the proxy: which kind of token was verified.' },
  'x-aauth-jkt': { about: 'From the proxy: the thumbprint of the key that signed the request.' },
  'x-aauth-agent': { about: 'From the proxy: the agent that sent the request.' },
  'x-aauth-agent-server': { about: 'From the proxy: the agent’s provider.' },
  'x-aauth-person-server': { about: 'From the proxy: the Person Server that vouches for the person.' },
  'x-aauth-sub': { about: 'From the proxy: the person, as this resource knows them.' },
  'x-aauth-scope': { about: 'From the proxy: what was granted.' },
};

export function explainHeader(name: string): { about: string; section?: Section } | undefined {
  return headers[name];
}

/** What it means that a signature covers a component. */
const components: Readonly<Record<string, string>> = {
  '@method': 'the method: a GET cannot be turned into a DELETE',
  '@authority': 'the host: the request is good for this server alone',
  '@path': 'the path',
  '@query': 'the query',
  'signature-key': 'the key and the token that come along: neither can be exchanged for another',
  'content-type': 'the type of the body',
  'content-digest': 'the body, through its hash',
  authorization: 'the credential that is sent along',
};

export function explainComponent(name: string): string {
  return components[name] ?? `the header ${name}`;
}
