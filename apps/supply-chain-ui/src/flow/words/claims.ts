import { type Section, sections } from './sections.ts';
import { aboutToken } from './tokens.ts';

export interface Explained {
  readonly about: string;
  readonly section: Section | undefined;
}

type About = Readonly<Record<string, string>>;

/** What each claim is for; under the type of token it is in, where that makes a difference. */
const general: About = {
  iss: 'Who issued the token, and signed it.',
  dwk: 'The metadata document under /.well-known/ at the issuer that leads to its keys; it has to fit the kind of token.',
  jti: 'The name of this token: it can be revoked by it, and other tokens refer to it.',
  iat: 'When it was issued.',
  exp: 'When it ends. There is no leeway.',
  cnf: 'The key that the token is bound to: only who holds its private part can use it.',
  ps: 'The Person Server that speaks for the person.',
  scope: 'What may be done, in the resource’s own words.',
  tenant: 'The organisation that the person belongs to, by the Person Server’s word.',
  account: 'Which of the person’s accounts at the resource is meant.',
  mission_s256: 'The mission that the agent acts under, by its hash.',
  parent_agent: 'The agent that this one is a part of.',
  login_hint: 'Who the resource believes the person to be; passed on unchanged.',
  interaction: 'Where the resource wants the person to go first.',
};

const byType: Readonly<Record<string, About>> = {
  'aa-agent+jwt': {
    sub: 'The agent: a name that its Agent Provider gave it, the same at every resource.',
    ps: 'The Person Server of the person that this agent acts for: where it gets the tokens that a resource may ask for.',
  },
  'aa-person+jwt': {
    sub: 'The person, as this resource alone knows them: another resource gets another identifier, so the two cannot compare.',
    aud: 'The resource that it is for. Nobody else may accept it.',
  },
  'aa-resource+jwt': {
    sub: 'The person, as this resource knows them: copied from the token that the agent presented.',
    aud: 'Who is to decide: the person’s Person Server.',
    ps: 'Whose identifier sub is: the Person Server that issued the presented token.',
    presented_jti:
      'The token that the agent presented when it was asked for more; the Person Server wants to see that very one.',
    agent_jkt:
      'Thumbprint of the key that signed the agent’s request: the auth token will be bound to it, and to no other.',
    scope: 'What the resource asks for, for this call. No more than this can be granted.',
  },
  'aa-auth+jwt': {
    sub: 'The person, as this resource alone knows them.',
    aud: 'The resource that it is for. Nobody else may accept it.',
    scope: 'What was granted: the resource’s policy decides by it.',
    ps: 'The Person Server that represents the person here.',
  },
};

export function explainClaim(type: string, name: string): Explained {
  const about = byType[type]?.[name] ?? general[name];
  if (about === undefined)
    return { about: 'Not defined by the protocol; whoever does not know it ignores it.', section: undefined };
  if (name === 'cnf') return { about, section: sections.confirmation };
  if (['jti', 'iat', 'exp'].includes(name)) return { about, section: sections.jwt };
  if (name === 'agent_jkt') return { about, section: sections.thumbprint };
  if (name === 'scope') return { about, section: sections.scopes };
  if (name === 'sub' && type !== 'aa-agent+jwt') return { about, section: sections.directedIdentifiers };
  return { about, section: aboutToken(type)?.section };
}

const headerMembers: About = {
  alg: 'How it is signed. A fully specified name: nothing about the algorithm is left to guess.',
  typ: 'What kind of token this is. Checked before anything else, so that none can pass for another.',
  kid: 'Which of the issuer’s published keys signed it.',
  jwk: 'The key that signed it.',
};

export function explainTokenHeader(name: string): string {
  return headerMembers[name] ?? 'Not defined by the protocol.';
}
