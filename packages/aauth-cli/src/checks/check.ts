import type { Paint } from '../terminal/terminal.ts';

/** One thing that was looked at, and what was found. */
export interface Check {
  /** What was looked at, for scripts: words joined by `-`. */
  readonly check: string;
  /** `fail` is a fault, `warn` is worth knowing, `skip` could not be looked at. */
  readonly result: 'pass' | 'warn' | 'fail' | 'skip';
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

const marks = { pass: ['green', '✓'], warn: ['yellow', '!'], fail: ['red', '✗'], skip: ['dim', '–'] } as const;

export function hasFault(checks: readonly Check[]): boolean {
  return checks.some(({ result }) => result === 'fail');
}

/** The checks as lines, in order. */
export function renderChecks(checks: readonly Check[], paint: Paint): string {
  return checks
    .flatMap(({ result, check, detail, hint }) => {
      const [style, mark] = marks[result];
      return [`${paint(style, mark)} ${paint('bold', check)}: ${detail}`, ...(hint ? [`    → ${hint}`] : [])];
    })
    .join('\n');
}
