import { z } from 'zod';
import type { AppContext } from '../environment.ts';
import { parseParameters } from '../token-requests/parameters.ts';

const text = z.string().min(1).max(4096);
const compactToken = z.string().min(1).max(16_384);

const actionSchema = z.object({ action: z.enum(['clarification_response', 'updated_request']) });
const responseSchema = z.object({ clarification_response: text });
const updateSchema = z.object({
  resource_token: compactToken,
  presented_token: compactToken,
  justification: text.optional(),
});

/** What an agent answers to a question (AAuth Protocol, "Agent Response to Clarification"). */
export type ClarificationAnswer =
  | { readonly action: 'clarification_response'; readonly answer: string }
  | {
      readonly action: 'updated_request';
      readonly resourceToken: string;
      readonly presentedToken: string;
      readonly justification: string | undefined;
    };

/** @throws RequestError `invalid_request` */
export function parseAnswer(c: AppContext): ClarificationAnswer {
  const { action } = parseParameters(c, actionSchema);
  if (action === 'clarification_response') {
    return { action, answer: parseParameters(c, responseSchema).clarification_response };
  }
  const { resource_token: resourceToken, presented_token: presentedToken, ...rest } = parseParameters(c, updateSchema);
  return { action, resourceToken, presentedToken, justification: rest.justification };
}
