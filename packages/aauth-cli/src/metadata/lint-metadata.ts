import { IdentifierError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseEndpointUrl, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { signatureAlgorithms } from '@aauth-stack/aauth/keys';
import { type MetadataDocument, metadataDocuments } from '@aauth-stack/aauth/tokens';
import { createFindings, type Findings } from './finding.ts';

export type Members = Readonly<Record<string, unknown>>;

/** What a document of each role has to have (AAuth Protocol, "Metadata Documents"), and which of its members are endpoints. */
const roles: Readonly<Record<MetadataDocument, { required: readonly string[]; endpoints: readonly string[] }>> = {
  'aauth-agent.json': {
    required: ['jwks_uri'],
    endpoints: ['callback_endpoint', 'event_endpoint', 'registration_endpoint', 'refresh_endpoint'],
  },
  'aauth-person.json': {
    required: ['jwks_uri', 'auth_token_endpoint', 'person_token_endpoint'],
    endpoints: [
      'auth_token_endpoint',
      'person_token_endpoint',
      'mission_endpoint',
      'permission_endpoint',
      'audit_endpoint',
      'interaction_endpoint',
      'revocation_endpoint',
    ],
  },
  'aauth-resource.json': { required: [], endpoints: ['authorization_endpoint', 'revocation_endpoint'] },
  'aauth-access.json': {
    required: ['jwks_uri', 'auth_token_endpoint'],
    endpoints: ['auth_token_endpoint', 'revocation_endpoint'],
  },
};
const accessModes = ['agent-token', 'person-token', 'session-token', 'auth-token'];
const pages = ['logo_uri', 'logo_dark_uri', 'documentation_uri', 'tos_uri', 'policy_uri'];

/** Looks at a metadata document: whose it is, what it must have, and what will not work. */
export function lintMetadata(
  document: Members,
  dwk: MetadataDocument,
  origin: string,
  identifiers: IdentifierPolicy,
): Findings['checks'] {
  const findings = createFindings();
  lintIssuer(document, origin, identifiers, findings);
  const { required, endpoints } = roles[dwk];
  for (const name of required) {
    if (document[name] === undefined) findings.fail(name, 'It is missing, and required of this role.');
  }
  for (const name of ['jwks_uri', ...endpoints]) lintEndpoint(document, name, origin, identifiers, findings);
  for (const name of pages) lintPage(document, name, identifiers, findings);
  lintAlgorithms(document, findings);
  if (typeof document.name !== 'string') {
    findings.warn('name', 'It has no name: people are shown its identifier instead.', 'Add "name".');
  }
  if (dwk === metadataDocuments.resource) lintResource(document, findings);
  return findings.checks;
}

function lintIssuer({ issuer }: Members, origin: string, identifiers: IdentifierPolicy, findings: Findings): void {
  if (issuer === undefined) {
    findings.fail('issuer', 'It is missing: the document does not say whose it is (issuer_missing).');
    return;
  }
  if (issuer !== origin) {
    const hint = 'It has to be, byte for byte, the URL of the document without "/.well-known/…".';
    findings.fail(
      'issuer',
      `It says ${JSON.stringify(issuer)}, and was fetched from ${origin} (issuer_mismatch).`,
      hint,
    );
    return;
  }
  try {
    parseServerIdentifier(issuer, identifiers);
    findings.pass('issuer', origin);
  } catch (error) {
    findings.fail('issuer', messageOf(error));
  }
}

function lintEndpoint(
  document: Members,
  name: string,
  origin: string,
  policy: IdentifierPolicy,
  findings: Findings,
): void {
  const value = document[name];
  if (value === undefined) return;
  try {
    const url = parseEndpointUrl(value, policy);
    if (String(value).includes('?')) {
      findings.fail(name, `${value} has a query; an endpoint has none.`);
      return;
    }
    if (url.host === new URL(origin).host) {
      findings.pass(name, url.href);
      return;
    }
    const hint = 'Verifiers refuse keys on another host unless they are configured for it.';
    if (name === 'jwks_uri') findings.fail(name, `${url.href} is on another host than the issuer.`, hint);
    else
      findings.warn(
        name,
        `${url.href} is on another host than the issuer.`,
        'Agents may refuse to send requests there.',
      );
  } catch (error) {
    findings.fail(name, messageOf(error));
  }
}

function lintPage(document: Members, name: string, policy: IdentifierPolicy, findings: Findings): void {
  if (document[name] === undefined) return;
  try {
    parseEndpointUrl(document[name], policy);
  } catch (error) {
    findings.warn(name, messageOf(error));
  }
}

function lintAlgorithms({ accept_signature_algs: algorithms }: Members, findings: Findings): void {
  if (algorithms === undefined) return;
  if (!Array.isArray(algorithms)) {
    findings.fail('accept_signature_algs', 'It is not a list.');
    return;
  }
  if (!algorithms.includes('Ed25519'))
    findings.fail('accept_signature_algs', 'It has no Ed25519, which everybody has to accept.');
  const unknown = algorithms.filter((name) => !signatureAlgorithms.some((known) => known === name));
  if (unknown.length === 0) {
    findings.pass('accept_signature_algs', algorithms.join(', '));
    return;
  }
  const hint = unknown.includes('EdDSA') ? '"EdDSA" is polymorphic and of an older text; name "Ed25519".' : undefined;
  findings.warn('accept_signature_algs', `It names ${unknown.join(', ')}, which the protocol does not use.`, hint);
}

function lintResource(document: Members, findings: Findings): void {
  const { access_mode, scope_descriptions, signature_window, additional_signature_components: components } = document;
  if (access_mode !== undefined && !accessModes.some((mode) => mode === access_mode)) {
    findings.warn(
      'access_mode',
      `${JSON.stringify(access_mode)} is unknown, and counts as absent: agent-token.`,
      `Known: ${accessModes.join(', ')}.`,
    );
  } else findings.pass('access_mode', String(access_mode ?? 'agent-token (the default)'));
  const asksForAuthTokens = access_mode === 'auth-token' || document.authorization_endpoint !== undefined;
  if (asksForAuthTokens && document.jwks_uri === undefined) {
    findings.fail('jwks_uri', 'It asks for auth tokens and publishes no keys: nobody can verify its resource tokens.');
  }
  if (asksForAuthTokens && document.revocation_endpoint === undefined) {
    findings.warn('revocation_endpoint', 'It has none: what the person takes back works here until it expires.');
  }
  if (scope_descriptions !== undefined && !isTextByName(scope_descriptions)) {
    findings.fail('scope_descriptions', 'It is not an object of texts.');
  } else if (asksForAuthTokens && scope_descriptions === undefined) {
    findings.warn('scope_descriptions', 'It describes no scopes: the person is shown their bare names, or nothing.');
  }
  if (signature_window !== undefined && !(typeof signature_window === 'number' && signature_window > 0)) {
    findings.fail('signature_window', 'It is not a number of seconds.');
  }
  if (components === undefined) return;
  const isList =
    Array.isArray(components) && components.every((name) => typeof name === 'string' && name === name.toLowerCase());
  if (isList) findings.pass('additional_signature_components', components.join(' '));
  else findings.fail('additional_signature_components', 'It is not a list of component names in lower case.');
}

function isTextByName(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

function messageOf(error: unknown): string {
  if (error instanceof IdentifierError) return error.message;
  throw error;
}
