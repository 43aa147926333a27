import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';

/**
 * Reaches the peers that the configuration names wherever they are. Everybody else only a token has named: they are reached where
 * `admitted` admits it, so that nobody has this agent send requests into its own network.
 *
 * @param known the peers that the configuration names
 * @param admitted a fetch that refuses what is not to be reached from here
 */
export function admitOthers(
  fetch: typeof globalThis.fetch,
  known: readonly ServerIdentifier[],
  admitted: typeof globalThis.fetch,
): typeof globalThis.fetch {
  const origins: ReadonlySet<string> = new Set(known);
  return (input, init) => {
    const { origin } = new URL(input instanceof Request ? input.url : input);
    return origins.has(origin) ? fetch(input, init) : admitted(input, init);
  };
}
