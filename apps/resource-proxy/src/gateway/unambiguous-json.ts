/**
 * Reads JSON about which something is decided here and which somebody else reads again: what was decided about one reading must not be
 * carried out by a reader that has another.
 *
 * @returns `undefined` for a text that is not JSON, or that has a member twice: some take the first of the two
 */
export function parseUnambiguousJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  const value = parseJson(text);
  // Only in JSON does every string have an end: looking for strings in anything else takes quadratic time.
  return value === undefined || hasRepeatedMember(text, value) ? undefined : value;
}

/** Whether a member is called like one of `names` to a reader that does not tell `name` from `Name`. */
export function hasLookalike(object: object, names: ReadonlySet<string>): boolean {
  return Object.keys(object).some((name) => !names.has(name) && names.has(name.toLowerCase()));
}

/** Whether strings of the text are not in what was made of it: a member that was written twice is there once. */
function hasRepeatedMember(text: string, value: unknown): boolean {
  return (text.match(/"(?:[^"\\]|\\.)*"/g)?.length ?? 0) !== countStrings(value);
}

/** Names of members and strings, however deep: a text of brackets alone would use up the stack of a function that calls itself. */
function countStrings(value: unknown): number {
  let count = 0;
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string') count += 1;
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) count += Object.keys(next).length;
    // One by one: there may be more than a call takes arguments.
    for (const member of Object.values(next)) left.push(member);
  }
  return count;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
