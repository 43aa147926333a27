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
  const hasCode = error instanceof A2ACallError || error instanceof AAuthError || error instanceof RunError;
  return { code: hasCode ? error.code : 'failed', reason: error instanceof Error ? error.message : String(error) };
}
