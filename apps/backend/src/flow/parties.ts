import { textOf } from './attributes.ts';
import { headerOf, requestHeaders } from './headers.ts';
import type { Pair } from './pairs.ts';

/** Lanes from left to right: the person's side, the callers, those who are called, those who vouch. */
const order = [
  'person',
  'supply-chain-ui',
  'caller',
  'supply-chain-backend',
  'resource-proxy',
  'supply-chain-agent',
  'market-analysis-agent',
  'inventory-mcp',
  'person-server',
  'agent-provider',
];

/** Somebody whose page sent a request, or whose program did, and who sends no spans. */
export function outsider({ server }: Pair): string {
  if (server?.service === 'person-server') return 'person';
  const fromPage = server && headerOf(requestHeaders({ id: '', client: undefined, server }), 'origin') !== null;
  return fromPage ? 'supply-chain-ui' : 'caller';
}

/** Who answers at each host, as far as the exchanges tell. */
export function answeringHosts(pairs: readonly Pair[]): Map<string, string> {
  const hosts = new Map<string, string>();
  for (const { client, server } of pairs) {
    const host = hostOf(textOf(client?.attributes, 'url.full'));
    if (host !== null && server) hosts.set(host, server.service);
  }
  return hosts;
}

export function hostOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).host : null;
}

/** Those who took part, in the order of their lanes. */
export function inLanes(ids: Iterable<string>): string[] {
  const rank = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
  return [...new Set(ids)].toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}
