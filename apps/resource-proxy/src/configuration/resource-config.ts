import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { IssuerPin } from '@aauth-stack/aauth/discovery';
import { IdentifierError } from '@aauth-stack/aauth/errors';
import {
  type IdentifierPolicy,
  parseEndpointUrl,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import type { AccessMode } from '@aauth-stack/aauth/resource';
import { type AccessConfig, buildAccess } from './access.ts';
import type { Report } from './config-file-error.ts';
import type { FileResource } from './resources-schema.ts';

/** A resource as its configuration describes it. */
export interface ResourceConfig extends AccessConfig {
  readonly id: string;
  readonly identifier: ServerIdentifier | undefined;
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** Published as it is, for readers of the published service's metadata; nothing here signs a person in. */
  readonly loginEndpoint: string | undefined;
  readonly logoUri: string | undefined;
  readonly logoDarkUri: string | undefined;
  /** Hosts, with port where one is given, under which the resource is known. */
  readonly hosts: readonly string[];
  /** What the signed `@authority` may be: the name that the request was sent to if it is one of these, else the first. */
  readonly authorities: readonly string[];
  readonly signingKey: KeyLocation | undefined;
  /** Published beside it: the one that replicas will sign with next, or the one that they signed with before. */
  readonly publishedKeys: readonly KeyLocation[];
  /** Seconds. */
  readonly signatureWindow: number;
  readonly additionalComponents: readonly string[];
  readonly stripSignatureHeaders: boolean;
  /** Pass the verified token on to the service, which needs it to call others for the same person. */
  readonly forwardToken: boolean;
  /** Tell services behind another gateway the secret by which they know that `x-aauth-*` is this proxy's. */
  readonly forwardProxySecret: boolean;
  /** What callers must present, at least. */
  readonly access: AccessMode;
  /** The agent providers accepted; undefined means any. */
  readonly agentServers: readonly IssuerPin[] | undefined;
  /** The Person Servers whose people are let in. Named wherever a person's token is accepted. */
  readonly personServers: readonly IssuerPin[] | undefined;
  readonly supportedScopes: readonly string[];
  /** What a challenge asks for. */
  readonly defaultScopes: readonly string[];
  /** Where agents ask for resource tokens, if that is not the usual place. */
  readonly authorizationEndpoint: string | undefined;
}

export interface KeyLocation {
  readonly kid: string;
  readonly alg: 'Ed25519' | 'ES256';
  readonly file: string;
}

interface BuildTools {
  /** That the file is in: its paths are relative to it. */
  readonly directory: string;
  readonly identifiers: IdentifierPolicy;
  readonly report: Report;
}

/** Reads one resource of the file. */
export function buildResource(file: FileResource, { directory, identifiers, report }: BuildTools): ResourceConfig {
  const checked = <T>(key: readonly (string | number)[], parse: () => T): T | undefined => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof IdentifierError)) throw error;
      report(key, error.message);
      return undefined;
    }
  };
  const pin = (server: FileResource['agent_servers'][number], ...key: (string | number)[]): IssuerPin[] => {
    const { issuer, jwks_uri: jwksUri } = server;
    const parsed = checked([...key, 'issuer'], () => parseServerIdentifier(issuer, identifiers));
    if (jwksUri !== undefined) checked([...key, 'jwks_uri'], () => parseEndpointUrl(jwksUri, identifiers));
    return parsed ? [{ issuer: parsed, jwksUri }] : [];
  };
  const { issuer, hosts, authority_override: override, signing_key: key } = file;
  const identifier = issuer && checked(['issuer'], () => parseServerIdentifier(issuer, identifiers));
  const authority = override || (issuer && URL.parse(issuer)?.host) || hosts[0];
  if (!authority) {
    report([], 'one of authority_override, issuer and hosts is needed: it is what the signed @authority must be');
  }
  const kids = file.published_keys.map(({ kid }) => kid);
  if (kids.length > 0 && !key) report(['published_keys'], 'they stand beside a signing_key, which is missing');
  if (new Set([key?.kid, ...kids]).size <= kids.length) report(['published_keys'], 'each key needs a kid of its own');
  const agentServers = file.agent_servers.flatMap((server, index) => pin(server, 'agent_servers', index));
  const authServers = file.auth_servers.flatMap((server, index) => pin(server, 'auth_servers', index));
  // As in the published schema: the Person Server is always one of those whose tokens count.
  const personServers = [...(file.person_server ? pin(file.person_server, 'person_server') : []), ...authServers];
  const endpoint = file.authorization_endpoint_override ?? file.authorization_endpoint;
  const { require: required = 'identity' } = file.access ?? {};
  return {
    ...buildAccess(file, report),
    id: file.id,
    identifier: identifier || undefined,
    name: file.name ?? file.client_name,
    description: file.description,
    loginEndpoint: file.login_endpoint,
    logoUri: file.logo_uri,
    logoDarkUri: file.logo_dark_uri,
    hosts,
    authorities: override ? [override] : [...new Set([authority ?? '', ...hosts])],
    signingKey: key && located(key, directory),
    publishedKeys: file.published_keys.map((other) => located(other, directory)),
    signatureWindow: file.signature_window,
    additionalComponents: file.additional_signature_components,
    stripSignatureHeaders: file.strip_signature_headers,
    forwardToken: file.forward_token,
    forwardProxySecret: file.forward_proxy_secret,
    access: required === 'identity' ? 'agent-token' : required,
    agentServers: agentServers.length > 0 ? agentServers : undefined,
    personServers: personServers.length > 0 ? personServers : undefined,
    supportedScopes: file.supported_scopes,
    defaultScopes: [...new Set(file.default_resource_token_scopes)],
    authorizationEndpoint:
      endpoint === undefined
        ? undefined
        : checked(['authorization_endpoint_override'], () => parseEndpointUrl(endpoint, identifiers).href),
  };
}

function located(key: FileResource['published_keys'][number], directory: string): KeyLocation {
  // The published schema spells Ed25519 by its family's name.
  const alg = key.alg === 'ES256' ? 'ES256' : 'Ed25519';
  return { kid: key.kid, alg, file: locateKey(key.private_key_file, directory) };
}

/** Beside the configuration; or, as the published service has it, in the directory that the process was started in. */
function locateKey(file: string, directory: string): string {
  const beside = resolve(directory, file);
  const here = resolve(file);
  return !existsSync(beside) && existsSync(here) ? here : beside;
}
