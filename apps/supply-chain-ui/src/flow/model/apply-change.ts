import type { Flow, FlowChange } from './flow.ts';

/** The flow after a change of it. */
export function applyChange(flow: Flow | undefined, { head, exchanges, order }: FlowChange): Flow {
  const known = new Map([...(flow?.exchanges ?? []), ...exchanges].map((exchange) => [exchange.id, exchange]));
  return { ...head, exchanges: order.flatMap((id) => known.get(id) ?? []) };
}
