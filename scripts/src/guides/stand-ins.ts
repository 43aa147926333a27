import { createHash } from 'node:crypto';
import { compactToken, tokenName } from './tokens.ts';

/** Makes texts of one run equal to those of another: whatever varies is replaced by a stand-in of its kind. */
export type Normalise = (text: string) => string;

/** When the runs in the guides begin. */
const shownStart = Date.UTC(2026, 0, 1) / 1000;
/** Times are told in steps of five minutes since the start, which is longer than a run takes. */
const step = 300;

/**
 * Stand-ins for the values of one run. The same value has the same stand-in wherever it occurs, so that a reader can follow it;
 * which one that is depends on the order of first occurrence alone.
 *
 * @param startedAt before anything was issued, in seconds since the epoch
 */
export function createStandIns(startedAt: number): Normalise {
  const known = new Map<string, Map<string, string>>();

  function standIn(kind: string, value: string, make: (count: number) => string): string {
    const ofKind = known.get(kind) ?? new Map<string, string>();
    known.set(kind, ofKind);
    const existing = ofKind.get(value) ?? make(ofKind.size + 1);
    ofKind.set(value, existing);
    return existing;
  }

  /** Letters of an alphabet that look like the value, made from kind and count. */
  const letters = (kind: string, alphabet: string, length: number) => (count: number) => {
    const digest = createHash('sha512').update(`${kind} ${count}`).digest();
    return [...digest.subarray(0, length)].map((byte) => alphabet[byte % alphabet.length]).join('');
  };

  const time = (seconds: number) => shownStart + Math.floor((seconds - startedAt) / step) * step;
  const thumbprint = letters('thumbprint', base64url, 8);
  const rules: Array<[RegExp, (match: string, ...groups: string[]) => string]> = [
    [
      compactToken,
      (token) => {
        const name = tokenName(token);
        return standIn(name, token, (count) => `eyJ… (${name}${count === 1 ? '' : ` ${count}`})`);
      },
    ],
    [/(?<=mcp-session-id: )[\w.-]+/g, (value) => standIn('session', value, letters('session', base64url, 22))],
    [/\b(sig|sha-256)=:[\w+/=]+:/g, (_, member) => `${member}=:…:`],
    [
      /(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g,
      (id) => standIn('id', id, toUuid(letters('id', hexadecimal, 32))),
    ],
    [
      /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])/g,
      (value) => standIn('thumbprint', value, (count) => `${thumbprint(count)}…`),
    ],
    [
      /(aauth(?::|%3A)[\w.+-]+?-)([a-z0-9]{8})(?=@|%40)/g,
      (_, name, suffix) => `${name}${standIn('agent', suffix, letters('agent', crockford.toLowerCase(), 8))}`,
    ],
    [
      /(?<=\/pending\/|\/registrations\/|\/consent\/|"(?:pending_)?id": ")[\w-]{22}(?![\w-])/g,
      (value) => standIn('pending', value, letters('pending', base64url, 22)),
    ],
    [
      /\b(ap|ps)-\d{6}-([0-9a-f]{8})\b/g,
      (_, server, suffix) => `${server}-202601-${standIn('kid', suffix, letters('kid', hexadecimal, 8))}`,
    ],
    [
      /\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b/g,
      (code) => standIn('code', code, (count) => withHyphen(letters('code', crockford, 8)(count))),
    ],
    [
      /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g,
      (date) => `${new Date(time(Date.parse(date) / 1000) * 1000).toISOString().slice(0, 19)}Z`,
    ],
    [/\b1[789]\d{8}\b/g, (seconds) => String(time(Number(seconds)))],
    // How many changes were told of depends on who was faster.
    [/("revision": )\d+/g, (_, name) => `${name}9`],
    [/("expires_in": )(\d+)/g, (_, name, seconds) => `${name}${Math.ceil(Number(seconds) / 60) * 60}`],
  ];
  return (text) => rules.reduce((done, [pattern, replace]) => done.replaceAll(pattern, replace), text);
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const hexadecimal = '0123456789abcdef';

function toUuid(make: (count: number) => string): (count: number) => string {
  return (count) => make(count).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-4$3-8$4-$5');
}

function withHyphen(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}
