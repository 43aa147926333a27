import * as z from 'zod';
import { A2ACallError } from './call-error.ts';

const maxShown = 200;
const maxDetail = 500;
// What the peer says goes on into reports, logs and databases.
const words = z
  .string()
  .transform((text) => text.slice(0, maxDetail).toWellFormed())
  .optional()
  .catch(undefined);
const code = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~:/-]{1,64}$/)
  .optional()
  .catch(undefined);
const problem = z.object({ error: code, title: words, detail: words });

/**
 * Lets an answer of the agent through, and turns an HTTP error into what it says: a problem+json body is a refusal by
 * the proxy or another verifier. A JSON-RPC error keeps its body, for the JSON-RPC layer to read.
 */
export async function checkResponse(response: Response): Promise<Response> {
  if (response.ok) return response;
  const { status } = response;
  const text = await response.text();
  const body = parseJson(text);
  if (typeof body === 'object' && body !== null && 'jsonrpc' in body) return new Response(text, response);
  const said = problem.safeParse(body);
  const code = (said.success && said.data.error) || `http_${status}`;
  const detail = (said.success && (said.data.detail ?? said.data.title)) || text.trim().slice(0, maxShown);
  throw new A2ACallError(code, detail || response.statusText || 'no reason given', { status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
