/** What is there already, or comes later. */
export type MaybePromise<Value> = Value | Promise<Value>;

/**
 * Whether a value has to be waited for. What only resembles a promise has to be, too, as a query of a database does: taken for the
 * value itself, it would be an answer to whatever was asked.
 */
export function isPending<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
