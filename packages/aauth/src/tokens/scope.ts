// RFC 6749 §3.3, scope-token: visible ASCII but the quote and the backslash.
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Takes a scope string apart (RFC 6749 §3.3): names separated by one space each, in order, a repeated one once.
 * Never throws.
 *
 * @param value the claim or parameter `scope`, or anything
 * @returns `undefined` when it is no string of that form; an empty string has no names
 */
export function parseScope(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === '') return [];
  const names = value.split(' ');
  return names.every(isScopeName) ? [...new Set(names)] : undefined;
}

/**
 * Puts scope names together as tokens and requests carry them.
 * RFC 6749 §3.3.
 *
 * @param names each one once
 * @returns the names with one space between them
 * @throws TypeError when a name is none
 */
export function formatScope(names: readonly string[]): string {
  const wrong = names.find((name) => !isScopeName(name));
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is no scope name (RFC 6749 §3.3).`);
  return [...new Set(names)].join(' ');
}

function isScopeName(name: string): boolean {
  return scopeToken.test(name);
}
