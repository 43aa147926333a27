import { z } from 'zod';
import { maskUrlPassword } from './mask.ts';

/**
 * Schemas for the text of an environment variable. Each says in its error what it expects, so that `parseConfig` can
 * repeat it; add `.default(…)`, `.optional()` and `.describe(…)` where the variable is declared.
 */
function fromText<T>(expected: string, parse: (text: string) => T | undefined) {
  return z.string({ error: expected }).transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

/** Whatever a parser of the caller's makes of the text; when that throws, its message is given as the reason. */
export const envParsed = <T>(expected: string, parse: (text: string) => T) =>
  z.string({ error: expected }).transform((text, context): T => {
    try {
      return parse(text.trim());
    } catch (error) {
      const reason = maskUrlPassword(error instanceof Error ? error.message : String(error));
      context.addIssue({ code: 'custom', message: `${expected} (${reason})` });
      return z.NEVER;
    }
  });

/** A TCP port; 0 lets the system choose. */
export const envPort = () => fromText('a port number from 0 to 65535', (text) => wholeNumber(text, 0, 65_535));

const booleans = new Map([
  ...['1', 'true', 'yes', 'on'].map((text) => [text, true] as const),
  ...['0', 'false', 'no', 'off'].map((text) => [text, false] as const),
]);

/** 1, true, yes, on or 0, false, no, off, in any case. */
export const envBoolean = () => fromText('1, true, 0 or false', (text) => booleans.get(text.toLowerCase()));

/** A whole number within bounds. */
export const envInteger = ({ min = 0, max = Number.MAX_SAFE_INTEGER } = {}) =>
  fromText(`a whole number from ${min} to ${max}`, (text) => wholeNumber(text, min, max));

/** A duration in whole seconds. */
export const envSeconds = ({ min = 1, max = 31_536_000 } = {}) =>
  fromText(`a whole number of seconds from ${min} to ${max}`, (text) => wholeNumber(text, min, max));

/** An absolute URL, as text exactly as given (identifiers are compared as strings). */
export const envUrl = ({ protocols = ['http:', 'https:'] } = {}) =>
  fromText(`an absolute URL (${protocols.map((protocol) => `${protocol}//…`).join(' or ')})`, (text) =>
    protocols.includes(URL.parse(text)?.protocol ?? '') ? text : undefined,
  );

/** The URL of a PostgreSQL database. */
export const envDatabaseUrl = () =>
  fromText('a PostgreSQL URL such as postgres://user:password@host:5432/database', (text) => {
    const url = URL.parse(text);
    const isPostgres = url?.protocol === 'postgres:' || url?.protocol === 'postgresql:';
    return isPostgres && url.pathname.length > 1 ? text : undefined;
  });

/** Items separated by commas; blanks around them and empty items are dropped. */
export const envList = () =>
  fromText('a list separated by commas', (text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/** The least important level that is logged. The upper-case names of other loggers are understood. */
export const envLogLevel = () =>
  fromText(`one of ${logLevels.join(', ')}`, (text): LogLevel | undefined => {
    const name = text.toLowerCase();
    if (name === 'warning') return 'warn';
    return logLevels.find((level) => level === name);
  });

function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (!/^-?\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
