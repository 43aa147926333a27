import * as z from 'zod/mini';
import './moment.ts';

const problemSchema = z.object({ error: z.string(), detail: z.string() });

/** The backend refused: its code and its words. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  readonly code: string;

  constructor(detail: string, { status, code }: { status: number; code: string }) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** The backend did not answer, or something else answered in its place. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** What a response that is no success says. */
export async function readProblem(response: Response): Promise<RefusedError | UnreachableError> {
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
  if (!problem.success) {
    return new UnreachableError(`Something answered with status ${response.status} that is not the backend.`);
  }
  return new RefusedError(problem.data.detail, { status: response.status, code: problem.data.error });
}
