import type { Exchange, Flow, FlowHead } from './flow.ts';

/** What is different from what whoever watches has been told before. */
export interface FlowChange {
  readonly head: FlowHead;
  /** New exchanges, and those of which there is more to tell. */
  readonly exchanges: readonly Exchange[];
  /** The ids of all, in order. */
  readonly order: readonly string[];
}

export interface FlowChanges {
  /** Undefined when nothing is. */
  next(flow: Flow): FlowChange | undefined;
}

/** Remembers what was told to one who watches. */
export function createFlowChanges(): FlowChanges {
  const told = new Map<string, string>();
  let last = '';
  return {
    next({ exchanges, ...head }) {
      const order = exchanges.map(({ id }) => id);
      const changed = exchanges.filter((exchange) => told.get(exchange.id) !== JSON.stringify(exchange));
      for (const exchange of changed) told.set(exchange.id, JSON.stringify(exchange));
      const now = JSON.stringify([head, order]);
      if (changed.length === 0 && now === last) return undefined;
      last = now;
      return { head, exchanges: changed, order };
    },
  };
}
