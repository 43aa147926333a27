import { it } from 'vitest';

/** One row of the table that `pnpm test:faults` prints. */
export interface FaultRow {
  fault: string;
  mustHappen: string;
  /** What the test saw happen; undefined where it did not get that far. */
  happened?: string;
}

declare module 'vitest' {
  interface TaskMeta {
    fault?: FaultRow;
  }
}

export interface FaultOptions {
  /** Why it cannot be tried on this machine, where that is so. */
  impossible?: string;
  /** Milliseconds; unset, what the configuration says. */
  timeout?: number;
}

/**
 * A test that brings a fault about, as one row of the table.
 *
 * @param what the fault
 * @param mustHappen what a user or an operator may rely on when it happens
 * @param test makes sure of that, and says in few words what it saw
 */
export function fault(
  what: string,
  mustHappen: string,
  test: () => Promise<string>,
  { impossible, timeout }: FaultOptions = {},
): void {
  it(`${what} → ${mustHappen}`, { timeout }, async ({ task, skip }) => {
    const row: FaultRow = { fault: what, mustHappen };
    task.meta.fault = row;
    if (impossible !== undefined) skip(impossible);
    row.happened = await test();
  });
}
