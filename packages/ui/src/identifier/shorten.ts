import { visibleText } from '../text/visible-text.ts';

const headLength = 8;
const tailLength = 4;
const shortestOfAgent = 16;
const shortest = 24;

/** An identifier as it is shown: all of `start` and `end`, and an ellipsis where something was left out. */
export interface Shortened {
  start: string;
  end: string;
}

/**
 * Shortens an identifier in the middle. Of an agent identifier only the local part is shortened, because the domain says who vouches
 * for it; of a URL only the path, because the host says whose it is.
 */
export function shorten(value: string): Shortened {
  const text = visibleText(value);
  const [from, to, least] = variablePart(text);
  if (to - from < least) return { start: text, end: '' };
  return { start: text.slice(0, from + headLength), end: text.slice(to - tailLength) };
}

/** What may be shortened, from and to, and how long it has to be for that. */
function variablePart(text: string): [number, number, number] {
  const agent = /^aauth:[^@]*/.exec(text)?.[0];
  if (agent !== undefined) return ['aauth:'.length, agent.length, shortestOfAgent];
  const origin = /^https?:\/\/[^/]*/.exec(text)?.[0];
  if (origin !== undefined) return [origin.length, text.length, shortest];
  const urn = /^urn:[a-z0-9:-]*:/.exec(text)?.[0];
  return [urn?.length ?? 0, text.length, shortest];
}
