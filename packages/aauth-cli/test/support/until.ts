import { setTimeout } from 'node:timers/promises';

/** Waits until there is something, 50 s at most. What `read` throws is tried again. */
export async function until<Value>(
  what: string,
  read: () => Value | Promise<Value>,
): Promise<Exclude<Value, undefined | null | false>> {
  const deadline = Date.now() + 50_000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await read();
      if (isThere(value)) return value;
    } catch (error) {
      last = error;
    }
    await setTimeout(50);
  }
  throw new Error(`Waited in vain for ${what}.`, { cause: last });
}

function isThere<Value>(value: Value): value is Exclude<Value, undefined | null | false> {
  return value !== undefined && value !== null && value !== false;
}
