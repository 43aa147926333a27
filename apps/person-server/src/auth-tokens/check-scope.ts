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
    const metadata = await readBodyToken('resource', () => discovery.metadata(issuer, metadataDocuments.resource));
    const described = Object.keys(metadata.scope_descriptions ?? {});
    const unknown = scope.filter((name) => !described.includes(name));
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
