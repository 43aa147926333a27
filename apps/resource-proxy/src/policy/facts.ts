import type { Principal } from '@aauth-stack/aauth/resource';
import type { HttpMessage } from '@aauth-stack/aauth/signatures';
import type { CelInput } from '@bufbuild/cel';
import type { RuleFacts } from './rules.ts';

/** The request as a rule sees it. */
export interface RequestFacts {
  readonly message: HttpMessage;
  /** Lower-case names; repeated lines joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the body asks of an agent, where it has been looked at. */
  readonly a2aMethod?: string | undefined;
}

/** What is known of a verified sender, under the names of the ext_authz metadata; what is not known is absent. */
export interface PrincipalFacts {
  readonly level: string;
  readonly scheme: string;
  readonly jkt: string;
  readonly token_type?: string;
  readonly key_id?: string;
  /** Who vouches for the key: the agent provider, the server itself, or who issued the person's token. */
  readonly issuer?: string;
  readonly agent_server?: string;
  readonly agent?: string;
  /** The agent identifier when identified, the person's directed identifier from there on. */
  readonly sub?: string;
  readonly ps?: string;
  readonly scope?: string;
  readonly scopes?: readonly string[];
}

/** Turns a principal into flat facts. */
export function principalFacts(principal: Principal): PrincipalFacts {
  const { level, scheme, jkt } = principal;
  const base = { level, scheme, jkt };
  if (principal.level === 'pseudonymous') return base;
  if (principal.scheme === 'jwks_uri') return { ...base, issuer: principal.server, agent_server: principal.server };
  const token = { token_type: principal.token.type, key_id: principal.token.kid, issuer: principal.token.issuer };
  if (principal.level === 'identified') {
    const { agent, agentProvider } = principal;
    return { ...base, ...token, agent_server: agentProvider, agent, sub: agent, ps: principal.token.personServer };
  }
  const person = { ...base, ...token, ps: principal.personServer, sub: principal.subject };
  if (principal.level === 'person') return person;
  return { ...person, scope: principal.scope.join(' '), scopes: principal.scope };
}

/**
 * What the rules of a route see of a request.
 *
 * @param principal who was verified; undefined where a route admits everybody
 */
export function ruleFacts(principal: Principal | undefined, { message, headers, a2aMethod }: RequestFacts): RuleFacts {
  const facts = principal ? definedOnly({ ...principalFacts(principal) }) : {};
  return {
    extauthz: facts,
    aauth: principal && 'token' in principal ? { ...facts, claims: toCel(principal.token.claims) } : facts,
    request: { method: message.method, host: message.authority, path: message.path, query: message.query, headers },
    a2a: definedOnly({ method: a2aMethod }),
  };
}

function definedOnly(
  facts: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, CelInput> {
  const defined: Record<string, CelInput> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined) defined[name] = value;
  }
  return defined;
}

/** JSON as CEL sees it (objects are maps, numbers are doubles). */
export function toCel(value: unknown): CelInput {
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toCel(member)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
