import { z } from 'zod';

const cardPath = /^\/(?:\.well-known\/(?:agent-card|agent)\.json|agent\/authenticatedExtendedCard)$/;

const endpoint = z.looseObject({ url: z.string().optional() });

/** The members of an agent card, of A2A 0.3 and 1.0, that say where the agent is. */
const card = z.looseObject({
  url: z.string().optional(),
  additionalInterfaces: z.array(endpoint).optional(),
  supportedInterfaces: z.array(endpoint).optional(),
});

/** Whether an agent's card is served under this path. */
export function isCardPath(path: string): boolean {
  return cardPath.test(path);
}

/**
 * An agent card with its URLs on the public origin, since the agent itself may only know the address it listens on.
 * Undefined when there is nothing to change or it is not a card: it then passes as it is.
 */
export function publicCard(text: string, origin: string): string | undefined {
  const parsed = card.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const moved = {
    ...parsed.data,
    ...movedUrl(parsed.data, origin),
    ...movedList('additionalInterfaces', parsed.data.additionalInterfaces, origin),
    ...movedList('supportedInterfaces', parsed.data.supportedInterfaces, origin),
  };
  const result = JSON.stringify(moved);
  return result === JSON.stringify(parsed.data) ? undefined : result;
}

function movedList(name: string, list: z.output<typeof endpoint>[] | undefined, origin: string) {
  return list && { [name]: list.map((entry) => ({ ...entry, ...movedUrl(entry, origin) })) };
}

function movedUrl({ url }: { url?: string }, origin: string): { url?: string } {
  const parsed = url === undefined ? null : URL.parse(url);
  // Of an address of another kind, the path may begin with anything, such as a port or another host.
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return {};
  return { url: `${origin}${parsed.pathname}${parsed.search}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
