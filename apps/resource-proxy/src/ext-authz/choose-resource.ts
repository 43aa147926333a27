import { PolicyError } from '@aauth-stack/aauth/errors';
import type { ProtectedResource } from '../resources/protected-resource.ts';

/** What the gateway's route may say about a request, by the names of the published service and of our own gateway. */
export const contextNames = { resource: 'aauth_resource_id', scopes: 'aauth_required_scopes' } as const;

export interface ResourceChoice {
  readonly resource: ProtectedResource;
  /** Scopes that the route asks for beside what the resource does. */
  readonly requiredScopes: readonly string[];
}

/**
 * Finds the resource that a check is about: the one that the gateway's route names, or else the one whose host it is.
 *
 * @param resources by id
 */
export function createResourceChoice(resources: ReadonlyMap<string, ProtectedResource>) {
  const byHost = new Map<string, ProtectedResource>();
  for (const resource of resources.values()) {
    for (const host of resource.config.hosts) byHost.set(host, resource);
  }
  for (const resource of resources.values()) {
    const host = resource.config.identifier && new URL(resource.config.identifier).host;
    if (host && !byHost.has(host)) byHost.set(host, resource);
  }

  /** @throws PolicyError `denied`, and Error where the route asks for scopes that nobody could ever grant */
  return function chooseResource(context: ReadonlyMap<string, string>, authority: string): ResourceChoice {
    const id = context.get(contextNames.resource);
    const resource = id === undefined ? byHost.get(authority) : resources.get(id);
    if (!resource) {
      const sought = id === undefined ? `host ${authority}` : `${contextNames.resource} ${JSON.stringify(id)}`;
      const detail = 'No resource of this proxy is configured for this request.';
      throw new PolicyError('denied', detail, `nothing is configured for ${sought.slice(0, 300)}`);
    }
    return { resource, requiredScopes: requiredScopes(resource, context.get(contextNames.scopes) ?? '') };
  };
}

function requiredScopes({ id, config }: ProtectedResource, text: string): readonly string[] {
  const scopes = text.split(' ').filter((scope) => scope !== '');
  const unknown = scopes.find((scope) => !Object.hasOwn(config.scopeDescriptions, scope));
  if (unknown !== undefined) {
    throw new Error(`${contextNames.scopes} of the gateway: resource ${id} has no scope ${JSON.stringify(unknown)}`);
  }
  if (scopes.length > 0 && !config.asksForAuthTokens) {
    throw new Error(`${contextNames.scopes} of the gateway: resource ${id} cannot ask for auth tokens`);
  }
  return scopes;
}
