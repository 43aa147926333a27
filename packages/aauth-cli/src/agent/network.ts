import { createDiscovery, type Discovery, type EgressFetch } from '@aauth-stack/aauth/discovery';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, createHttpFetch, type HttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import type { Context } from '../command/context.ts';
import { identifierPolicy } from '../config/identifiers.ts';

/** How a command reaches servers. */
export interface Network {
  readonly identifiers: IdentifierPolicy;
  /** For servers that the user named, or that those vouch for. */
  readonly fetch: HttpFetch;
  /** For documents that a token or a header names: no private addresses, no redirects elsewhere. */
  readonly egressFetch: EgressFetch;
  readonly discovery: Discovery;
}

/** Runs something that needs servers, and closes every connection afterwards. */
export async function withNetwork<Result>(
  { env, now }: Pick<Context, 'env' | 'now'>,
  run: (network: Network) => Promise<Result>,
): Promise<Result> {
  const identifiers = identifierPolicy(env);
  const localhostDns = ['1', 'true', 'on', 'yes'].includes(env.AAUTH_LOCALHOST_DNS?.toLowerCase() ?? '');
  const fetch = createHttpFetch({ localhostDns });
  const egressFetch = createEgressFetch({ ...identifiers, localhostDns });
  const discovery = createDiscovery({ fetch: egressFetch, identifiers, keys: nodeKeys, now });
  try {
    return await run({ identifiers, fetch, egressFetch, discovery });
  } finally {
    // What a command has left unread must not keep it from ending.
    await Promise.race([fetch.close(), new Promise((resolve) => setTimeout(resolve, 100).unref())]);
  }
}
