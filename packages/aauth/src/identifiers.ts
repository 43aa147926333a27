import { IdentifierError } from './errors.ts';

declare const serverIdentifier: unique symbol;
declare const agentIdentifier: unique symbol;

/** An `https://host` (or, in development, `http://*.localhost:port`) that names a server. Only {@link parseServerIdentifier} makes one. */
export type ServerIdentifier = string & { readonly [serverIdentifier]: true };

/** An `aauth:local@domain` that names an agent. Only {@link parseAgentIdentifier} makes one. */
export type AgentIdentifier = string & { readonly [agentIdentifier]: true };

/** Which identifiers and URLs are acceptable here. */
export interface IdentifierPolicy {
  /** Admits `http` and ports on loopback hosts (`localhost`, `*.localhost`, `127.0.0.0/8`, `[::1]`). For development only. */
  readonly allowLoopback: boolean;
}

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const loopbackV4Pattern = /^127\.(?:\d{1,3})\.(?:\d{1,3})\.(?:\d{1,3})$/;

/**
 * Whether a host names the machine itself: `localhost`, `*.localhost` (RFC 6761 §6.3), `127.0.0.0/8` or `[::1]`.
 * Never throws.
 *
 * @param host lower case, without port
 * @returns `true` for these alone; the name is not resolved
 */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || loopbackV4Pattern.test(host);
}

/**
 * Parses a server identifier (AAuth Protocol, "Server Identifiers"): `https`, a lower-case host, nothing else.
 * With `allowLoopback` also `http` and a port where the host is loopback.
 *
 * @param value anything, for instance a claim or a setting
 * @param policy whether loopback names are admitted
 * @returns the same text, marked as checked
 * @throws {@link IdentifierError} `invalid_request` naming the value and the part that is wrong
 */
export function parseServerIdentifier(value: unknown, policy: IdentifierPolicy): ServerIdentifier {
  if (typeof value !== 'string') throw new IdentifierError(`A server identifier is a string, not ${describe(value)}.`);
  const url = parseUrl(value, 'server identifier');
  if (url.origin !== value) {
    throw new IdentifierError(
      `"${value}" is not a server identifier: it is a scheme and a lower-case host and nothing else, here "${url.origin}".`,
    );
  }
  checkTransport(url, value, policy);
  return value as ServerIdentifier;
}

/**
 * Parses the URL of an endpoint, of `jwks_uri` or of a page that a peer names: `https`, no user information, no fragment.
 * With `allowLoopback` also `http` and a port where the host is loopback.
 * AAuth Protocol, "Endpoint URLs", "Other URLs".
 *
 * @param value anything, for instance a member of metadata
 * @param policy whether loopback names are admitted
 * @returns the URL as WHATWG normalises it
 * @throws {@link IdentifierError} `invalid_request`
 */
export function parseEndpointUrl(value: unknown, policy: IdentifierPolicy): URL {
  if (typeof value !== 'string') throw new IdentifierError(`A URL is a string, not ${describe(value)}.`);
  const url = parseUrl(value, 'URL');
  if (url.username || url.password)
    throw new IdentifierError(`"${url.origin}…" carries user information; a URL here has none.`);
  if (url.hash) throw new IdentifierError(`"${value}" has a fragment; an endpoint URL has none.`);
  checkTransport(url, value, policy);
  return url;
}

/** An agent identifier and its parts. */
export interface ParsedAgentIdentifier {
  id: AgentIdentifier;
  /** Before the `@`. */
  local: string;
  /** After the `@`: the agent provider's host, with its port under the loopback exemption. */
  domain: string;
}

/**
 * Parses an agent identifier (AAuth Protocol, "Agent Identifiers"): `aauth:` local `@` domain, compared byte for byte.
 *
 * @param value anything, for instance a claim
 * @returns the identifier, marked as checked, and its parts
 * @throws {@link IdentifierError} `invalid_request`
 */
export function parseAgentIdentifier(value: unknown): ParsedAgentIdentifier {
  if (typeof value !== 'string') throw new IdentifierError(`An agent identifier is a string, not ${describe(value)}.`);
  const match = /^aauth:([A-Za-z0-9._+-]{1,255})@([^@/?#\s]+)$/.exec(value);
  const [, local, domain] = match ?? [];
  if (local === undefined || domain === undefined || !isDomain(domain)) {
    throw new IdentifierError(`"${value}" is not an agent identifier of the form aauth:local@domain.`);
  }
  return { id: value as AgentIdentifier, local, domain };
}

/**
 * The domain that identifiers of an agent provider's agents end with: its issuer without the scheme.
 * AAuth Protocol, "Agent Identifiers". Never throws.
 *
 * @param issuer the agent provider
 * @returns host, and port under the loopback exemption
 */
export function agentDomain(issuer: ServerIdentifier): string {
  return issuer.slice(issuer.indexOf('://') + 3);
}

function parseUrl(value: string, what: string): URL {
  const url = URL.parse(value);
  if (!url) throw new IdentifierError(`"${value}" is not a ${what}: it does not parse as a URL.`);
  return url;
}

function checkTransport(url: URL, value: string, policy: IdentifierPolicy): void {
  const loopback = isLoopbackHost(url.hostname);
  if (loopback && policy.allowLoopback && (url.protocol === 'https:' || url.protocol === 'http:')) return;
  if (loopback) {
    throw new IdentifierError(
      `"${value}" names a loopback host, which is refused unless AAUTH_ALLOW_LOOPBACK is on (development only).`,
    );
  }
  if (url.protocol !== 'https:') throw new IdentifierError(`"${value}" must use https.`);
  if (url.port) throw new IdentifierError(`"${value}" must not name a port.`);
  if (!isPublicHostName(url.hostname)) throw new IdentifierError(`"${value}" must name a host, not an address.`);
}

// A WHATWG URL has already turned every numeric spelling of an IPv4 address into dotted decimal.
function isPublicHostName(host: string): boolean {
  return hostPattern.test(host) && !/^\d+(?:\.\d+){3}$/.test(host);
}

function isDomain(domain: string): boolean {
  const [host = '', port, ...rest] = domain.startsWith('[::1]')
    ? ['[::1]', domain.slice(6) || undefined]
    : domain.split(':');
  if (rest.length > 0) return false;
  if (port !== undefined && !/^[1-9]\d{0,4}$/.test(port)) return false;
  return isLoopbackHost(host) || hostPattern.test(host);
}

function describe(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'undefined'
        ? 'missing'
        : `a ${typeof value}`;
}
