import { RequestError } from '@aauth-stack/aauth/errors';
import type { AppContext } from '../environment.ts';

/** The request that the path names. What cannot be an identifier of ours is not looked for. */
export function pendingId(c: AppContext): string {
  const id = c.req.param('id') ?? '';
  if (/^[\w-]{22}$/.test(id)) return id;
  throw unknownRequest();
}

/** What everybody is told of a request that is not theirs, as if there were none. */
export function unknownRequest(): RequestError {
  return new RequestError('not_found', 'There is no such request.', { status: 404 });
}
