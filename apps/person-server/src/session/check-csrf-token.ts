import { timingSafeEqual } from 'node:crypto';
import type { Step } from '../environment.ts';
import { readForm } from './form.ts';
import { SessionError } from './session-error.ts';

/** The field of our forms and the header of our scripts that carry the token. */
export const csrfField = 'csrf_token';
const csrfHeader = 'x-csrf-token';

/** Refuses a change by cookie unless it carries what only a page of this session could know. */
export const checkCsrfToken: Step = async function checkCsrfToken(c, next) {
  const session = c.get('session');
  if (session?.via === 'cookie') {
    const sent = c.req.header(csrfHeader) ?? (await readForm(c)).get(csrfField) ?? '';
    if (!equal(sent, session.csrfToken)) {
      throw new SessionError(
        'csrf_token_required',
        'This form is out of date. Load the page again and repeat your choice.',
      );
    }
  }
  await next();
};

function equal(sent: string, expected: string): boolean {
  const [a, b] = [Buffer.from(sent), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
