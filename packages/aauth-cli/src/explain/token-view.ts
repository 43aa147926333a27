import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { redactTokens } from '../terminal/redact.ts';

/** A token as it is shown: decoded, and without the signature that would make it one. */
export interface TokenView {
  readonly kind: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly redacted: string;
}

const kinds: Readonly<Record<string, string>> = {
  'aa-agent+jwt': 'agent token',
  'aa-person+jwt': 'person token',
  'aa-resource+jwt': 'resource token',
  'aa-auth+jwt': 'auth token',
  'jkt-s256+jwt': 'key proof',
};

/** What a token of that `typ` is called. */
export function tokenKind(typ: unknown): string {
  return typeof typ === 'string' ? (kinds[typ] ?? `token of typ "${typ}"`) : 'token without typ';
}

/** @returns `undefined` when it is no JWT */
export function viewToken(compact: string): TokenView | undefined {
  const decoded = decodeTokenForDisplay(compact);
  return decoded && { kind: tokenKind(decoded.header.typ), ...decoded, redacted: redactTokens(compact) };
}

/** Tells tokens apart that have been shown before. */
export interface SeenTokens {
  /** The step in which it was shown first, if that was another one. */
  firstSeen(compact: string, step: number): number | undefined;
}

export function createSeenTokens(): SeenTokens {
  const steps = new Map<string, number>();
  return {
    firstSeen(compact, step) {
      const before = steps.get(compact);
      if (before === undefined) steps.set(compact, step);
      return before === step ? undefined : before;
    },
  };
}
