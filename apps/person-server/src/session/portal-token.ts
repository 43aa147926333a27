import { createHash, timingSafeEqual } from 'node:crypto';

const shortestStrongToken = 32;
const fewestSymbols = 10;

/** What is kept of the portal token: enough to recognise it. */
export interface PortalToken {
  /** SHA-256, base64url. */
  readonly hash: string;
}

/** Whether a portal token could be guessed. Such a one is accepted only where nobody but this machine can try. */
export function isWeakPortalToken(token: string): boolean {
  return token.length < shortestStrongToken || new Set(token).size < fewestSymbols;
}

export function hashPortalToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Compares hashes of equal length in constant time, so the answer's timing tells nothing about the token. */
export function matchesPortalToken(portalToken: PortalToken, candidate: string): boolean {
  return timingSafeEqual(Buffer.from(portalToken.hash), Buffer.from(hashPortalToken(candidate)));
}
