/** A text as PostgreSQL can hold it: NUL and halves of characters become U+FFFD. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/**
 * The same for every text in a JSON value, names of members included. For what peers have answered and a service has to write down
 * whatever it holds; a client who asks for something is refused instead, see `isUnstorableText`.
 */
export function storable<Value>(value: Value): Value {
  const copy = structuredClone(value);
  if (isObject(copy)) clean(copy);
  return copy;
}

/** Whether PostgreSQL can hold every text in a JSON value, names of members included. */
export function isStorable(value: unknown): boolean {
  const left: unknown[] = [value];
  // The list grows while it is walked: what clients nest deeply must not be walked by calls within calls.
  for (const current of left) {
    if (typeof current === 'string' && storableText(current) !== current) return false;
    if (isObject(current)) for (const entry of Object.entries(current)) left.push(...entry);
  }
  return true;
}

function clean(object: object): void {
  for (const [name, value] of Object.entries(object)) {
    const cleanName = storableText(name);
    if (cleanName !== name) Reflect.deleteProperty(object, name);
    const cleanValue = typeof value === 'string' ? storableText(value) : value;
    if (isObject(value)) clean(value);
    if (cleanName !== name || cleanValue !== value) Reflect.set(object, cleanName, cleanValue);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
