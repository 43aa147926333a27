import type { Part } from '@a2a-js/sdk';

/** A reply for people to read and for programs to use. */
export interface Reply {
  /** Markdown. */
  text: string;
  /** The same, structured. */
  data?: Readonly<Record<string, unknown>>;
}

/** The parts of a message or artifact that carries a reply. */
export function toParts({ text, data }: Reply): Part[] {
  const parts: Part[] = [textPart(text, 'text/markdown')];
  if (data) {
    const content = { $case: 'data' as const, value: data };
    parts.push({ content, metadata: undefined, filename: '', mediaType: 'application/json' });
  }
  return parts;
}

export function textPart(text: string, mediaType = 'text/plain'): Part {
  return { content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType };
}

/** All text of a message, a line break between its parts. */
export function textOf(parts: readonly Part[]): string {
  return parts.flatMap(({ content }) => (content?.$case === 'text' ? [content.value] : [])).join('\n');
}

/** The first structured part that is an object. */
export function dataOf(parts: readonly Part[]): Readonly<Record<string, unknown>> | undefined {
  for (const { content } of parts) {
    if (content?.$case === 'data' && isObject(content.value)) return content.value;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
