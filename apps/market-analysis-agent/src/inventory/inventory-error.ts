import { AAuthError, PeerError } from '@aauth-stack/aauth/errors';
import { z } from 'zod';

/** The inventory server did not give what was asked of it. The message is fit for a person. */
export class InventoryError extends AAuthError {
  override readonly name = 'InventoryError';

  constructor(detail: string, cause?: unknown) {
    super('inventory_unavailable', { status: 503, detail, cause });
  }
}

/** Gives whatever a conversation with the inventory server threw one shape. */
export function toInventoryError(server: string, error: unknown): InventoryError {
  if (error instanceof InventoryError) return error;
  return new InventoryError(
    `The inventory at ${server} could not be read, so there is no analysis: ${reasonOf(error)}`,
    error,
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof AAuthError) {
    // Only a PeerError has the status of an answer; the others happened on this side.
    return `${error instanceof PeerError ? `HTTP ${error.status} ` : ''}${error.code}: ${error.message}`;
  }
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'it did not answer in time.';
  // `fetch failed` says nothing; the reason (ECONNREFUSED, ENOTFOUND …) is in the cause.
  return error.cause instanceof Error && error.cause.message
    ? `${error.message}: ${error.cause.message}`
    : error.message;
}

const problem = z.object({
  error: z.string().max(64),
  detail: z
    .string()
    .default('no reason given')
    .transform((text) => text.slice(0, 500).toWellFormed()),
});

/** Lets an answer through, and turns a refusal by the proxy into what it says. What MCP itself answers stays as it is. */
export async function checkAnswer(response: Response): Promise<Response> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
  if (response.ok || !isProblem) return response;
  const said = problem.safeParse(await response.json().catch(() => undefined));
  const reason = said.success ? `${said.data.error}: ${said.data.detail}` : response.statusText;
  throw new Error(`HTTP ${response.status} ${reason}`);
}
