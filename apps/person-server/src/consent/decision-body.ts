import { RequestError } from '@aauth-stack/aauth/errors';
import { z } from 'zod';
import type { AppContext } from '../environment.ts';

const bodySchema = z.union(
  [
    z.object({
      approved: z.literal(true),
      scopes: z.array(z.string().max(255)).max(100).optional(),
      remember: z.boolean().optional(),
    }),
    z.object({ approved: z.literal(false) }),
    z.object({ clarification_question: z.string().trim().min(1).max(1000) }),
  ],
  {
    error:
      'expected {"approved": true, "scopes"?: […], "remember"?: true or false}, {"approved": false} or {"clarification_question": "…"}',
  },
);

export type DecisionBody = z.output<typeof bodySchema>;

/**
 * Reads what the person decided.
 *
 * @throws RequestError `invalid_request`
 */
export async function parseDecision(c: AppContext): Promise<DecisionBody> {
  const body: unknown = await c.req.json().catch(() => undefined);
  const result = bodySchema.safeParse(body);
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new RequestError('invalid_request', `The decision is malformed: ${details.join('; ')}.`, {
    cause: result.error,
  });
}
