import { quoted } from './structured-field.ts';
import type { HttpMessage } from './types.ts';

/** What every signed request covers (AAuth Protocol, "Covered Components"). */
export const baseComponents: readonly string[] = ['@method', '@authority', '@path', 'signature-key'];

/** What covers a body: its type and its digest (RFC 9530). A message without a body has neither. */
export const bodyComponents: readonly string[] = ['content-type', 'content-digest'];

const derivedComponents: Readonly<Record<string, (message: HttpMessage) => string>> = {
  '@method': (message) => message.method,
  '@authority': (message) => message.authority,
  '@path': (message) => message.path || '/',
  '@query': (message) => message.query || '?',
};

const fieldName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const printableAscii = /^[\t\x20-\x7e]*$/;

/**
 * The value of a covered component: of a derived component (RFC 9421 §2.2), or of a field, its lines joined, folds replaced by
 * a space and outer white space removed (§2.1). `undefined` when the message has no such field.
 *
 * Known derived components are `@method`, `@authority`, `@path` and `@query`. The others belong to responses or need what an
 * {@link HttpMessage} does not tell: the scheme, and the request target as sent.
 *
 * @throws ComponentError for a name that is unknown and for a value with characters outside printable ASCII, in which two
 * parties can see different bytes
 */
export function componentValue(message: HttpMessage, name: string): string | undefined {
  const derived = Object.hasOwn(derivedComponents, name) ? derivedComponents[name] : undefined;
  if (!derived && !fieldName.test(name)) {
    throw new ComponentError('unknown', `${quoted(name)} is not a component that can be covered here`);
  }
  const value = derived ? derived(message) : message.headers.get(name);
  if (value === null) return undefined;
  if (printableAscii.test(value)) return value.trim();
  const lines = derived ? [value] : value.split('\n');
  if (!lines.every(isFieldLine)) {
    throw new ComponentError('malformed', `the value of ${quoted(name)} is not printable ASCII`);
  }
  return lines
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

/** A component that cannot enter a signature base; signer and verifier each say what that means. */
export class ComponentError extends Error {
  override readonly name = 'ComponentError';
  readonly reason: 'unknown' | 'absent' | 'malformed';

  constructor(reason: ComponentError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

// RFC 9112 §5.2: after a line break, white space continues the line before, and anything else would be another field.
function isFieldLine(line: string, index: number, lines: readonly string[]): boolean {
  const text = index < lines.length - 1 && line.endsWith('\r') ? line.slice(0, -1) : line;
  return printableAscii.test(text) && (index === 0 || /^[ \t]/.test(text));
}
