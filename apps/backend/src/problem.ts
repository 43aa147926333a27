import { type AAuthError, RequestError } from '@aauth-stack/aauth/errors';
import { problemResponse } from '@aauth-stack/aauth/problem';

/** 404 for what is not there, or is somebody else's. */
export function notFound(detail: string): Response {
  return problemResponse(new RequestError('not_found', detail, { status: 404 }));
}

/** 409 for what cannot be done as things stand. */
export function conflict(code: string, detail: string): AAuthError {
  return new RequestError(code, detail, { status: 409 });
}
