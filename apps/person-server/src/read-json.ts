import { RequestError } from '@aauth-stack/aauth/errors';
import type { z } from 'zod';
import type { AppContext } from './environment.ts';

/**
 * Reads a JSON body that a page or a script of the person sent.
 *
 * @param form the form it has to have, for whoever reads the refusal
 * @throws RequestError `invalid_request`
 */
export async function readJson<Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
  form: string,
): Promise<z.output<Schema>> {
  const refuse = (cause: unknown) =>
    new RequestError('invalid_request', `The body is not JSON of the form ${form}.`, { cause });
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw refuse({ received: type });
  const result = schema.safeParse(await c.req.json().catch((error: unknown) => Promise.reject(refuse(error))));
  if (result.success) return result.data;
  throw refuse(result.error);
}
