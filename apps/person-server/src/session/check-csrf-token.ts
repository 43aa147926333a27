import { timingSafeEqual } from 'node:crypto';
import type { Step } from '../environment.ts';
import { SessionError } from './session-error.ts';

/** The header of our pages that carries the token. */
const csrfHeader = 'x-csrf-token';

/** Refuses a change by cookie unless it carries what only a page of this session could know. */
export const checkCsrfToken: Step = async function checkCsrfToken(c, next) {
  const session = c.get('session');
  if (session?.via === 'cookie' && !equal(c.req.header(csrfHeader) ?? '', session.csrfToken)) {
    throw new SessionError('csrf_token_required', 'This page is out of date. Load it again and repeat your choice.');
  }
  await next();
};

function equal(sent: string, expected: string): boolean {
  const [a, b] = [Buffer.from(sent), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
