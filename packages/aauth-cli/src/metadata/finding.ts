import type { Check } from '../checks/check.ts';

/** Collects what a document is found to be. */
export interface Findings {
  readonly checks: readonly Check[];
  pass(check: string, detail: string): void;
  warn(check: string, detail: string, hint?: string): void;
  fail(check: string, detail: string, hint?: string): void;
}

export function createFindings(): Findings {
  const checks: Check[] = [];
  return {
    checks,
    pass: (check, detail) => checks.push({ check, result: 'pass', detail }),
    warn: (check, detail, hint) => checks.push({ check, result: 'warn', detail, hint }),
    fail: (check, detail, hint) => checks.push({ check, result: 'fail', detail, hint }),
  };
}
