import type { AppContext } from '../environment.ts';

/** The fields of an HTML form that was sent; none when the body is something else. */
export async function readForm(c: AppContext): Promise<URLSearchParams> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  return new URLSearchParams(type === 'application/x-www-form-urlencoded' ? await c.req.text() : '');
}
