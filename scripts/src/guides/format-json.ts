const width = 116;

export interface JsonFormat {
  /** Longer texts are cut. */
  readonly maxText?: number;
  /** Objects and arrays below this level are left out. */
  readonly maxDepth?: number;
}

/** JSON for readers: what fits is on one line, what is long or deep is cut with `…`. */
export function formatJson(value: unknown, { maxText = 1000, maxDepth = 20 }: JsonFormat = {}): string {
  return format(abridge(value, maxText, maxDepth), 0);
}

function format(value: unknown, indent: number): string {
  const line = oneLine(value);
  if (indent + line.length <= width || typeof value !== 'object' || value === null) return line;
  const inner = ' '.repeat(indent + 2);
  const outer = ' '.repeat(indent);
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => `${inner}${format(item, indent + 2)}`).join(',\n')}\n${outer}]`;
  }
  const members = Object.entries(value).map(([name, member]) => `${inner}"${name}": ${format(member, indent + 2)}`);
  return `{\n${members.join(',\n')}\n${outer}}`;
}

function oneLine(value: unknown): string {
  if (value === leftOut) return '…';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  const members = Object.entries(value).map(([name, member]) => `"${name}": ${oneLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const leftOut = Symbol('left out');

function abridge(value: unknown, maxText: number, depth: number): unknown {
  if (typeof value === 'string') return value.length > maxText ? `${value.slice(0, maxText)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return leftOut;
  if (Array.isArray(value)) return value.map((item) => abridge(item, maxText, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, abridge(member, maxText, depth - 1)]));
}
