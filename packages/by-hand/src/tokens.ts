import { randomUUID } from 'node:crypto';
import type { Jwt } from './jwt.ts';
import type { KeyPair } from './keys.ts';

/** Who signs a token, under which identifier. */
export interface Issuer {
  readonly issuer: string;
  readonly key: KeyPair;
}

export const now = (): number => Math.floor(Date.now() / 1000);

/** `aa-agent+jwt`: names an agent and binds its key. */
export function agentToken(
  { issuer, key }: Issuer,
  about: { agent: string; agentKey: KeyPair; personServer?: string | undefined },
): Jwt {
  return {
    header: { alg: key.alg, typ: 'aa-agent+jwt', kid: key.kid },
    claims: {
      iss: issuer,
      dwk: 'aauth-agent.json',
      sub: about.agent,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 3600,
      cnf: { jwk: about.agentKey.publicJwk },
      ...(about.personServer && { ps: about.personServer }),
    },
  };
}

/** `aa-person+jwt`: names a person to one resource. */
export function personToken(
  { issuer, key }: Issuer,
  about: { resource: string; subject: string; agentKey: object },
): Jwt {
  return {
    header: { alg: key.alg, typ: 'aa-person+jwt', kid: key.kid },
    claims: {
      iss: issuer,
      dwk: 'aauth-person.json',
      aud: about.resource,
      sub: about.subject,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 3600,
      cnf: { jwk: about.agentKey },
    },
  };
}

/** `aa-resource+jwt`: what a resource asks for when a person or auth token was presented to it. */
export function resourceToken(
  { issuer, key }: Issuer,
  about: { presented: Jwt; agentJkt: string; scope: string },
): Jwt {
  const { typ } = about.presented.header;
  const { iss, ps, sub, jti, mission_s256, tenant } = about.presented.claims;
  const personServer = typ === 'aa-auth+jwt' ? ps : iss;
  return {
    header: { alg: key.alg, typ: 'aa-resource+jwt', kid: key.kid },
    claims: {
      iss: issuer,
      dwk: 'aauth-resource.json',
      aud: personServer,
      ps: personServer,
      sub,
      presented_jti: jti,
      agent_jkt: about.agentJkt,
      scope: about.scope,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 300,
      mission_s256,
      tenant,
    },
  };
}

/** `aa-auth+jwt`: what is granted of what a resource token asks for. */
export function authToken({ issuer, key }: Issuer, about: { asked: Jwt; agentKey: object }): Jwt {
  const { iss, sub, scope, account, mission_s256, tenant } = about.asked.claims;
  return {
    header: { alg: key.alg, typ: 'aa-auth+jwt', kid: key.kid },
    claims: {
      iss: issuer,
      dwk: 'aauth-person.json',
      aud: iss,
      sub,
      ps: issuer,
      scope,
      account,
      mission_s256,
      tenant,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 3600,
      cnf: { jwk: about.agentKey },
    },
  };
}
