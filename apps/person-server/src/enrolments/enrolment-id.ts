import { RequestError } from '@aauth-stack/aauth/errors';
import type { AppContext } from '../environment.ts';

/** The enrolment that the path names. What cannot be an identifier is not passed on to the Agent Provider. */
export function enrolmentId(c: AppContext): string {
  const id = c.req.param('id') ?? '';
  if (/^[\w-]{1,128}$/.test(id)) return id;
  throw new RequestError('not_found', 'There is no such enrolment.', { status: 404 });
}
