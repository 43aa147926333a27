import type { Listener, Route, RouteMatch } from '../configuration/routes.ts';

/** Finds the route of a request, as agentgateway does. */
export interface RouteTable {
  find(host: string, path: string, method: string): RouteMatched | undefined;
}

export interface RouteMatched {
  readonly route: Route;
  readonly match: RouteMatch;
}

/**
 * The most specific listener host name decides which routes there are: the exact name, else the longest `*.` suffix, else
 * the listener without a name. Among its routes an exact path comes before the longest prefix, a match with a method
 * before one without; what is still equal goes by the order of the file.
 */
export function createRouteTable(listeners: readonly Listener[]): RouteTable {
  const table = [...listeners]
    .sort((a, b) => hostWeight(b.hostname) - hostWeight(a.hostname))
    .map((listener) => ({ hostname: listener.hostname, candidates: orderedCandidates(listener) }));
  return {
    find(host, path, method) {
      const entry = table.find(({ hostname }) => matchesHost(hostname, host));
      return entry?.candidates.find(({ match }) => matchesPath(match, path) && matchesMethod(match, method));
    },
  };
}

function orderedCandidates({ routes }: Listener): RouteMatched[] {
  return routes
    .flatMap((route) => route.matches.map((match): RouteMatched => ({ route, match })))
    .sort((a, b) => pathWeight(b.match) - pathWeight(a.match) || methodWeight(b.match) - methodWeight(a.match));
}

function hostWeight(hostname: string | undefined): number {
  if (hostname === undefined) return -1;
  return hostname.startsWith('*.') ? hostname.length : Number.POSITIVE_INFINITY;
}

function pathWeight({ path }: RouteMatch): number {
  return 'exact' in path ? Number.POSITIVE_INFINITY : path.prefix.length;
}

function methodWeight({ method }: RouteMatch): number {
  return method === undefined ? 0 : 1;
}

function matchesHost(hostname: string | undefined, host: string): boolean {
  if (hostname === undefined || hostname === host) return true;
  return hostname.startsWith('*.') && host.endsWith(hostname.slice(1));
}

/** A prefix ends at a segment: `/a` matches `/a` and `/a/b`, not `/ab`. */
function matchesPath({ path }: RouteMatch, requestPath: string): boolean {
  if ('exact' in path) return path.exact === requestPath;
  const prefix = path.prefix.endsWith('/') ? path.prefix.slice(0, -1) : path.prefix;
  return requestPath === prefix || requestPath.startsWith(`${prefix}/`);
}

function matchesMethod({ method }: RouteMatch, requestMethod: string): boolean {
  return method === undefined || method === requestMethod;
}
