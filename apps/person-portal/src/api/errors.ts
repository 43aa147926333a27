import * as z from 'zod/mini';
import './moment.ts';

const problemSchema = z.object({ error: z.string(), detail: z.string() });

/** The Person Server refused: its code and its words. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  readonly code: string;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(detail: string, { status, code, retryAfter }: { status: number; code: string; retryAfter?: number }) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The Person Server did not answer, or something else answered in its place. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Whether it says that the person is not signed in any more. */
export function isSessionEnd(error: unknown): boolean {
  return error instanceof RefusedError && error.code === 'session_required';
}

/** What a response that is no success says. */
export async function readProblem(response: Response): Promise<RefusedError | UnreachableError> {
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
  if (!problem.success) {
    return new UnreachableError(`Something answered with status ${response.status} that is not the Person Server.`);
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new RefusedError(problem.data.detail, {
    status: response.status,
    code: problem.data.error,
    ...(Number.isFinite(seconds) && { retryAfter: seconds }),
  });
}
