import type { Discovery } from '../discovery/types.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import { formatScope } from '../tokens/scope.ts';
import { metadataDocuments } from '../tokens/types.ts';
import type { ResourceScopes } from './options.ts';

/** The scopes that a resource may put into its resource tokens (AAuth Protocol, "Scopes"). */
export interface ScopePolicy {
  /** What a challenge asks for by default. */
  readonly defaults: readonly string[];
  /** Whether the resource itself knows the scope. */
  has(scope: string): boolean;
  /** Leaves out what may not stand in a resource token for that Person Server. */
  askable(scopes: readonly string[], personServer: ServerIdentifier): Promise<readonly string[]>;
}

/**
 * @throws TypeError when a scope name is none, one is both described and an identity scope, or a default is neither
 */
export function createScopePolicy(scopes: ResourceScopes | undefined, discovery: Discovery): ScopePolicy {
  const { descriptions = {}, defaults = [], identity = [] } = scopes ?? {};
  formatScope([...Object.keys(descriptions), ...identity]);
  const own = new Set(Object.keys(descriptions));
  const twice = identity.find((scope) => own.has(scope));
  if (twice !== undefined) throw new TypeError(`scopes.identity names ${twice}, which scopes.descriptions describes.`);
  const known = new Set([...own, ...identity]);
  const undeclared = defaults.find((scope) => !known.has(scope));
  if (undeclared !== undefined) throw new TypeError(`scopes.defaults names ${undeclared}, which is not declared.`);

  return {
    defaults,
    has: (scope) => known.has(scope),
    async askable(wanted, personServer) {
      const names = [...new Set(wanted)].filter((scope) => known.has(scope));
      if (names.every((scope) => own.has(scope))) return names;
      const supported = await scopesSupported(discovery, personServer);
      return names.filter((scope) => own.has(scope) || supported.includes(scope));
    },
  };
}

async function scopesSupported(discovery: Discovery, personServer: ServerIdentifier): Promise<readonly unknown[]> {
  const { scopes_supported: supported } = await discovery.metadata(personServer, metadataDocuments.personServer);
  return Array.isArray(supported) ? supported : [];
}
