import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { fence } from './format-http.ts';
import { formatJson } from './format-json.ts';
import type { Exchange } from './recorder.ts';

/** A compact JWT, wherever it stands. */
export const compactToken = /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g;

const names: Readonly<Record<string, string>> = {
  'aa-agent+jwt': 'agent token',
  'aa-person+jwt': 'person token',
  'aa-resource+jwt': 'resource token',
  'aa-auth+jwt': 'auth token',
  'jkt-s256+jwt': 'jkt-jwt',
};

/** What the drafts call a token, by its `typ`. */
export function tokenName(compact: string): string {
  const typ = decodeTokenForDisplay(compact)?.header.typ;
  const name = names[String(typ)];
  if (!name) throw new Error(`There is no name for tokens of the type ${String(typ)}.`);
  return name;
}

/** A token's header and claims as Markdown; its signature is left out. */
export function formatToken(compact: string): string {
  const decoded = decodeTokenForDisplay(compact);
  if (!decoded) throw new Error('This is not a token.');
  return fence('json', formatJson({ header: decoded.header, claims: decoded.claims }));
}

/** The token that a request presents. */
export function presentedToken({ headers }: Exchange): string {
  return firstToken(headers.get('signature-key') ?? '');
}

/** The first token in a header or a body. */
export function firstToken(text: string): string {
  const [token] = text.match(compactToken) ?? [];
  if (!token) throw new Error('There is no token in what was recorded.');
  return token;
}

/** The identifier of a token. */
export function jtiOf(compact: string): string {
  return String(decodeTokenForDisplay(compact)?.claims.jti);
}
