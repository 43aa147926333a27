import type { Discovery } from '@aauth-stack/aauth/discovery';
import { metadataDocuments, readBodyToken } from '@aauth-stack/aauth/tokens';
import type { Step } from '../environment.ts';
import { invalidResourceToken } from './resource-token-error.ts';

/**
 * The resource asks for scopes that it describes to people, and for no others (AAuth Protocol, "Scopes"). This server has no identity
 * scopes of its own. 400 `invalid_resource_token`.
 */
export function checkScope(discovery: Discovery): Step {
  return async function checkScope(c, next) {
    const { issuer, scope } = c.get('resourceToken');
    const describedScopes = async (again: boolean) => {
      const read = () => discovery.metadata(issuer, metadataDocuments.resource, { again });
      return Object.keys((await readBodyToken('resource', read)).scope_descriptions ?? {});
    };
    const without = (described: readonly string[]) => scope.filter((name) => !described.includes(name));
    let described = await describedScopes(false);
    // The resource may have added it since its metadata was read.
    if (without(described).length > 0) described = await describedScopes(true);
    const unknown = without(described);
    if (unknown.length > 0) {
      throw invalidResourceToken(`${issuer} describes no scope ${unknown.join(', ')} in its metadata.`, {
        claim: 'scope',
        expected: described,
        received: scope,
      });
    }
    await next();
  };
}
