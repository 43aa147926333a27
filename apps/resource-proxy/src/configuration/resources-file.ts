import { dirname, resolve } from 'node:path';
import { IdentifierError } from '@aauth-stack/aauth/errors';
import {
  type IdentifierPolicy,
  parseEndpointUrl,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import type { Environment } from '@aauth-stack/service/config';
import { ConfigFileError, type ConfigFileProblem } from './config-file-error.ts';
import { type FileResource, type ResourcesFile, resourcesFile, schemes } from './resources-schema.ts';
import { parseFile } from './schema.ts';
import { readYamlFile, type YamlFile } from './yaml-file.ts';

/** An agent provider that a resource accepts, and where its keys are when its metadata is not asked. */
interface AgentServer {
  readonly issuer: ServerIdentifier;
  readonly jwksUri: string | undefined;
}

export interface ResourceConfig {
  readonly id: string;
  readonly identifier: ServerIdentifier | undefined;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly logoUri: string | undefined;
  readonly logoDarkUri: string | undefined;
  /** Hosts, with port where one is given, under which the resource is known. */
  readonly hosts: readonly string[];
  /** What `@authority` must be, unless the request's host is one of `hosts` and there is no override. */
  readonly authority: string;
  readonly authorityIsFixed: boolean;
  readonly signingKey: { readonly kid: string; readonly alg: 'Ed25519' | 'ES256'; readonly file: string } | undefined;
  /** Seconds. */
  readonly signatureWindow: number;
  readonly additionalComponents: readonly string[];
  readonly supportedScopes: readonly string[];
  readonly scopeDescriptions: Readonly<Record<string, string>>;
  readonly stripSignatureHeaders: boolean;
  readonly schemes: readonly (typeof schemes)[number][];
  /** The agent providers accepted; undefined means any. */
  readonly agentServers: readonly AgentServer[] | undefined;
}

export interface ResourcesConfig {
  readonly listen: { readonly host: string | undefined; readonly port: number };
  readonly resources: readonly ResourceConfig[];
  /** Settings to point out at start: without effect here, or risky. */
  readonly remarks: readonly string[];
}

/**
 * Loads the resources' configuration: the schema of the published ext_authz AAuth service with `name` and `description`
 * added. Paths of key files are relative to the file.
 *
 * @throws ConfigFileError
 */
export function loadResourcesFile(
  file: string,
  environment: Environment,
  identifiers: IdentifierPolicy,
): ResourcesConfig {
  const source = readYamlFile(file, environment);
  const parsed = parseFile(source, resourcesFile);
  const problems = duplicates(parsed.resources, source);
  const resources = parsed.resources.map((fileResource, index) => {
    const report = (key: readonly (string | number)[], reason: string) =>
      problems.push(source.problem(['resources', index, ...key], reason));
    return buildResource(fileResource, dirname(file), identifiers, report);
  });
  if (problems.length > 0) throw new ConfigFileError(problems);
  return {
    listen: { host: parsed.listen?.http?.host, port: parsed.listen?.http?.port ?? 8080 },
    resources,
    remarks: remarksOn(parsed).map((remark) => `${file}: ${remark}`),
  };
}

type Report = (key: readonly (string | number)[], reason: string) => void;

function buildResource(
  fileResource: FileResource,
  directory: string,
  identifiers: IdentifierPolicy,
  report: Report,
): ResourceConfig {
  const check = <T>(key: readonly (string | number)[], parse: () => T): T | undefined => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof IdentifierError)) throw error;
      report(key, error.message);
      return undefined;
    }
  };
  const { issuer, hosts, authority_override: override, signing_key: key } = fileResource;
  const identifier =
    issuer === undefined ? undefined : check(['issuer'], () => parseServerIdentifier(issuer, identifiers));
  const authority = override || (issuer && URL.parse(issuer)?.host) || hosts[0];
  if (!authority) {
    report([], 'one of authority_override, issuer and hosts is needed: it is what the signed @authority must be');
  }
  const pins = fileResource.agent_servers.flatMap(({ issuer: pinned, jwks_uri: jwksUri }, index): AgentServer[] => {
    const agentServer = check(['agent_servers', index, 'issuer'], () => parseServerIdentifier(pinned, identifiers));
    if (jwksUri !== undefined) {
      check(['agent_servers', index, 'jwks_uri'], () => parseEndpointUrl(jwksUri, identifiers));
    }
    return agentServer ? [{ issuer: agentServer, jwksUri }] : [];
  });
  const allowed = fileResource.allowed_signature_key_schemes;
  if (allowed?.includes('hwk') && !fileResource.allow_pseudonymous) {
    report(['allowed_signature_key_schemes'], 'hwk needs allow_pseudonymous: true');
  }
  return {
    id: fileResource.id,
    identifier,
    name: fileResource.name ?? fileResource.client_name,
    description: fileResource.description,
    logoUri: fileResource.logo_uri,
    logoDarkUri: fileResource.logo_dark_uri,
    hosts,
    authority: authority ?? '',
    authorityIsFixed: Boolean(override),
    signingKey: key && {
      kid: key.kid,
      // The published schema spells Ed25519 by its family's name.
      alg: key.alg === 'ES256' ? 'ES256' : 'Ed25519',
      file: resolve(directory, key.private_key_file),
    },
    signatureWindow: fileResource.signature_window,
    additionalComponents: fileResource.additional_signature_components,
    supportedScopes: fileResource.supported_scopes,
    scopeDescriptions: fileResource.scope_descriptions,
    stripSignatureHeaders: fileResource.strip_signature_headers,
    schemes: allowed?.length
      ? allowed
      : schemes.filter((scheme) => scheme !== 'hwk' || fileResource.allow_pseudonymous),
    agentServers: pins.length > 0 ? pins : undefined,
  };
}

function duplicates(resources: readonly FileResource[], source: YamlFile): ConfigFileProblem[] {
  const problems: ConfigFileProblem[] = [];
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  resources.forEach(({ id, hosts }, index) => {
    if (ids.has(id)) problems.push(source.problem(['resources', index, 'id'], `"${id}" is the id of another resource`));
    ids.add(id);
    hosts.forEach((name, position) => {
      const owner = owners.get(name);
      if (owner !== undefined) {
        problems.push(
          source.problem(['resources', index, 'hosts', position], `"${name}" belongs to "${owner}" already`),
        );
      }
      owners.set(name, id);
    });
  });
  return problems;
}

function remarksOn(parsed: ResourcesFile): string[] {
  const remarks: string[] = [];
  if (parsed.listen?.grpc !== undefined) remarks.push('listen.grpc: ext_authz over gRPC is not served yet');
  if (parsed.jwks_cache !== undefined) {
    remarks.push('jwks_cache: has no effect; keys are cached as their Cache-Control says, for 24 h at most');
  }
  for (const { id, policy, agent_servers: agentServers } of parsed.resources) {
    if (policy !== undefined)
      remarks.push(`resource ${id}: policy: has no effect; rules stand at the gateway's routes`);
    if (agentServers.length === 0) {
      remarks.push(`resource ${id} accepts agents of every agent provider, since agent_servers names none`);
    }
  }
  return remarks;
}
