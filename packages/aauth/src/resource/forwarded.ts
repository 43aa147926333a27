import {
  type AgentIdentifier,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '../identifiers.ts';
import { parseThumbprint } from '../keys/index.ts';
import type { Thumbprint } from '../keys/types.ts';
import type { HeaderFields } from '../signatures/types.ts';
import { type TokenType, tokenTypes } from '../tokens/types.ts';
import type { Principal } from './types.ts';

/** Carries the secret that a proxy and the services behind it share. Without it no `x-aauth-*` header means anything. */
export const proxySecretHeader = 'x-aauth-proxy-secret';

/** What a proxy that verified a request tells the service behind it about the sender. */
export interface ForwardedPrincipal {
  readonly level: Principal['level'];
  readonly scheme: Principal['scheme'];
  readonly jkt: Thumbprint;
  readonly tokenType: TokenType | undefined;
  readonly agent: AgentIdentifier | undefined;
  /** The agent's provider, or the server itself where a server signed. */
  readonly agentServer: ServerIdentifier | undefined;
  readonly personServer: ServerIdentifier | undefined;
  /** The person, as `personServer` knows them towards this resource. */
  readonly subject: string | undefined;
  readonly scope: readonly string[];
  /** The verified token itself, where the proxy passes it on. Never logged. */
  readonly token: string | undefined;
}

const levels = ['pseudonymous', 'identified', 'person', 'authorized'] as const;
const schemes = ['hwk', 'jwks_uri', 'jwt'] as const;
const forwardedName = /^x[^a-z0-9]+aauth(?:[^a-z0-9]|$)/i;

/**
 * Whether a header is one that only a proxy may send, in any spelling that a server behind it might take for one: case,
 * underscores and other separators make no difference. A proxy drops these from what clients send.
 * The headers are (ours). Never throws.
 *
 * @param name in any case and spelling
 * @returns whether to drop it from what a client sent
 */
export function isForwardedHeader(name: string): boolean {
  return forwardedName.test(name);
}

/**
 * The headers that tell a service who sent a request behind a proxy; empty ones are left out. The proxy
 * adds {@link proxySecretHeader}.
 * The headers are (ours).
 *
 * @param principal who sent the request
 * @param options.token the token to pass on in `x-aauth-token`
 * @returns lower-case names
 * @throws TypeError when a value cannot stand in a header
 */
export function formatForwardedHeaders(
  principal: Principal,
  options: { readonly token?: string } = {},
): Record<string, string> {
  const fields = {
    'x-aauth-level': principal.level,
    'x-aauth-scheme': principal.scheme,
    'x-aauth-jkt': principal.jkt,
    ...identityFields(principal),
    'x-aauth-token': options.token,
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!value) continue;
    if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(value)) throw new TypeError(`${name} is no header value.`);
    headers[name] = value;
  }
  return headers;
}

function identityFields(principal: Principal): Record<string, string | undefined> {
  switch (principal.level) {
    case 'pseudonymous':
      return {};
    case 'identified':
      if (principal.scheme === 'jwks_uri') return { 'x-aauth-agent-server': principal.server };
      return {
        'x-aauth-token-type': principal.token.type,
        'x-aauth-agent': principal.agent,
        'x-aauth-agent-server': principal.agentProvider,
        'x-aauth-delegate': principal.agent,
      };
    case 'person':
    case 'authorized':
      return {
        'x-aauth-token-type': principal.token.type,
        'x-aauth-person-server': principal.personServer,
        'x-aauth-sub': principal.subject,
        'x-aauth-scope': principal.level === 'authorized' ? principal.scope.join(' ') : undefined,
      };
  }
}

/**
 * Reads who sent a request, as the proxy in front of this service says. Nothing is believed without the shared secret, which is
 * compared in constant time.
 * The headers are (ours).
 *
 * @param headers of the request that the proxy passed on
 * @param secret what the proxy and this service share
 * @returns `undefined` when the secret is missing or wrong, or the proxy let the request pass without verifying it
 * @throws TypeError when `secret` is shorter than 32 characters: an unset one must not let everybody in
 * @throws IdentifierError or SignatureError when the proxy forwards what it cannot have verified
 */
export function parseForwardedHeaders(headers: HeaderFields, secret: string): ForwardedPrincipal | undefined {
  if (secret.length < 32) throw new TypeError('The secret that proxy and service share has at least 32 characters.');
  if (!isEqual(headers.get(proxySecretHeader) ?? '', secret)) return undefined;
  const level = levels.find((name) => name === headers.get('x-aauth-level'));
  const scheme = schemes.find((name) => name === headers.get('x-aauth-scheme'));
  if (!level || !scheme) return undefined;
  const optional = <Value>(name: string, parse: (value: string) => Value): Value | undefined => {
    const value = headers.get(name);
    return value ? parse(value) : undefined;
  };
  return {
    level,
    scheme,
    jkt: parseThumbprint(headers.get('x-aauth-jkt')),
    tokenType: Object.values(tokenTypes).find((type) => type === headers.get('x-aauth-token-type')),
    agent: optional('x-aauth-agent', (value) => parseAgentIdentifier(value).id),
    agentServer: optional('x-aauth-agent-server', parseForwardedServer),
    personServer: optional('x-aauth-person-server', parseForwardedServer),
    subject: optional('x-aauth-sub', String),
    scope: optional('x-aauth-scope', (value) => value.split(' ')) ?? [],
    token: optional('x-aauth-token', String),
  };
}

// The proxy has applied its own policy to the identifier already.
function parseForwardedServer(value: string): ServerIdentifier {
  return parseServerIdentifier(value, { allowLoopback: true });
}

function isEqual(received: string, expected: string): boolean {
  let difference = received.length ^ expected.length;
  for (let index = 0; index < expected.length; index++) {
    difference |= received.charCodeAt(index % Math.max(1, received.length)) ^ expected.charCodeAt(index);
  }
  return difference === 0;
}
