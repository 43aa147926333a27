import { dirname } from 'node:path';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { Environment } from '@aauth-stack/service/config';
import { impliedTypes } from './access.ts';
import { ConfigFileError, type ConfigFileProblem } from './config-file-error.ts';
import { buildResource, type ResourceConfig } from './resource-config.ts';
import { type FileResource, type ResourcesFile, resourcesFile } from './resources-schema.ts';
import { parseFile } from './schema.ts';
import { readYamlFile, type YamlFile } from './yaml-file.ts';

interface ListenAddress {
  /** Undefined means the host of every port. */
  readonly host: string | undefined;
  readonly port: number;
}

export interface ResourcesConfig {
  readonly listen: {
    /** Envoy's external authorization. */
    readonly grpc: ListenAddress;
    readonly http: ListenAddress;
  };
  readonly resources: readonly ResourceConfig[];
  /** Settings to point out at start: without effect here, or risky. */
  readonly remarks: readonly string[];
}

/**
 * Loads the resources' configuration: the schema of the published ext_authz AAuth service with some keys added. Paths of key files are relative to the file.
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
    return buildResource(fileResource, { directory: dirname(file), identifiers, report });
  });
  if (problems.length > 0) throw new ConfigFileError(problems);
  return {
    // As in the published service.
    listen: {
      grpc: parsed.listen?.grpc ?? { host: undefined, port: 7070 },
      http: parsed.listen?.http ?? { host: undefined, port: 8080 },
    },
    resources,
    remarks: remarksOn(parsed).map((remark) => `${file}: ${remark}`),
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
  if (parsed.jwks_cache !== undefined) {
    remarks.push('jwks_cache: has no effect; keys are cached as their Cache-Control says, for 24 h at most');
  }
  for (const resource of parsed.resources) remarks.push(...resourceRemarks(resource));
  return remarks;
}

function resourceRemarks(resource: FileResource): string[] {
  const remarks: string[] = [];
  const say = (remark: string) => remarks.push(`resource ${resource.id}: ${remark}`);
  if (resource.policy !== undefined) say("policy: has no effect; rules stand at the gateway's routes");
  if (resource.allow_insecure_jwt_issuer !== undefined) {
    say('allow_insecure_jwt_issuer: has no effect; AAUTH_ALLOW_LOOPBACK says which issuers may use http');
  }
  const implied = impliedTypes(resource);
  if (implied.length > 0) {
    say(`allowed_jwt_types: ${implied.join(' and ')} is accepted too, since access.require needs it`);
  }
  if (resource.agent_servers.length === 0) {
    say('accepts agents of every agent provider, since agent_servers names none');
  }
  return remarks;
}
