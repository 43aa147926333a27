import { HTTPException } from 'hono/http-exception';

/** Refuses a request as the Person Server does. */
export function refuse(
  status: 400 | 401 | 403 | 404 | 409 | 410 | 429 | 503,
  error: string,
  detail: string,
  more: { members?: object; headers?: Record<string, string> } = {},
): never {
  throw new HTTPException(status, {
    res: Response.json(
      { status, error, detail, ...more.members },
      { status, headers: { ...more.headers, 'content-type': 'application/problem+json' } },
    ),
  });
}
