import type { Context } from 'hono';
import type { z } from 'zod';

/** A parsed body, or the 422 that says what is wrong with it, in the known demo's shape. */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<{ value: z.output<Schema> } | { refusal: Response }> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { refusal: refuse(c, [{ type: 'json_invalid', loc: ['body'], msg: `The body is not JSON: ${reason}` }]) };
  }
  const parsed = schema.safeParse(body);
  return parsed.success ? { value: parsed.data } : { refusal: refuse(c, parsed.error.issues.map(toDetail)) };
}

interface Detail {
  type: string;
  loc: PropertyKey[];
  msg: string;
}

function toDetail(issue: z.core.$ZodIssue): Detail {
  return { type: issue.code, loc: ['body', ...issue.path], msg: issue.message };
}

function refuse(c: Context, detail: Detail[]): Response {
  return c.json({ error: 'invalid_request', detail }, 422);
}
