import { A2ACallError } from '@aauth-stack/a2a/client';
import { AAuthError } from '@aauth-stack/aauth/errors';
import type { Failure } from './run-store.ts';

/** A run failed for a reason of its own. */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why a run failed, in a code and in words. */
export function failureOf(error: unknown): Failure {
  return { code: codeOf(error), reason: error instanceof Error ? error.message : String(error) };
}

function codeOf(error: unknown): string {
  // What was refused at once was refused by a policy; the person's word ends a pending request.
  if (error instanceof A2ACallError && error.code === 'denied' && error.status !== undefined) return 'policy_denied';
  const hasCode = error instanceof A2ACallError || error instanceof AAuthError || error instanceof RunError;
  return hasCode ? error.code : 'failed';
}
