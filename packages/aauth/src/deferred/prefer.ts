const preference =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*(?:"([^"]*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]*)))?[ \t]*(?:;.*)?$/s;

/** A `wait` is a few characters. On much longer ones, white space in the middle would make the pattern try all ways to divide it. */
const longestPreference = 256;

/**
 * Reads `Prefer: wait=N` (RFC 7240 §4.3): how long a client agrees to be held. The first `wait` counts, other preferences
 * and malformed ones are ignored. Does NOT cap the value; a server holds no longer than it likes.
 * Never throws.
 *
 * @param header the field value, repeated lines joined with `, `
 * @returns seconds, or `undefined` when the client said nothing usable
 */
export function parsePrefer(header: string | null | undefined): number | undefined {
  for (const part of header?.match(/(?:"(?:[^"\\]|\\.)*"?|[^",])+/gs) ?? []) {
    if (part.length > longestPreference) continue;
    const [, name, quoted, token] = preference.exec(part.trim()) ?? [];
    if (name?.toLowerCase() !== 'wait') continue;
    const value = quoted ?? token ?? '';
    return /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  }
  return undefined;
}
