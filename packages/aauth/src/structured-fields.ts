const key = '[a-z*][a-z0-9_.*-]*';
const syntax = new RegExp(
  [
    // A string that does not end runs to the end: looked at from every quote in it, it would take quadratic time.
    '%"[^"]*"?', // a display string has no escapes
    '"(?:[^"\\\\]|\\\\.)*"?',
    `,[ \\t]*(?<member>${key})`,
    `; *(?<parameter>${key})`,
    '(?<item>[( )])',
  ].join('|'),
  'gs',
);

/**
 * Finds a key that occurs twice in one scope of a Dictionary (RFC 9651 §3.2): among its members, or among the parameters of
 * one item. RFC 9651 lets the last one win, and so do its parsers; where a field decides about trust, two readers that pick
 * different ones are a hole, so such a field is refused before it is parsed. The header need not be well-formed.
 *
 * @param dictionary the field value, repeated lines joined with `, `
 * @returns the first key seen again
 */
export function findRepeatedKey(dictionary: string): string | undefined {
  const members = new Set<string>();
  let parameters = new Set<string>();
  for (const { groups = {} } of `,${dictionary.trimStart()}`.matchAll(syntax)) {
    if (groups.parameter !== undefined) {
      if (parameters.has(groups.parameter)) return groups.parameter;
      parameters.add(groups.parameter);
      continue;
    }
    if (groups.member !== undefined) {
      if (members.has(groups.member)) return groups.member;
      members.add(groups.member);
    }
    if (groups.member !== undefined || groups.item !== undefined) parameters = new Set();
  }
  return undefined;
}
