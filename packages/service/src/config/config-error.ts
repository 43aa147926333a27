import { StartupError } from '../startup-error.ts';

/** One wrong environment variable. */
export interface ConfigProblem {
  variable: string;
  /** As given, secrets masked; undefined when the variable is not set. */
  value: string | undefined;
  /** What would be right. */
  expected: string;
}

/** The environment does not make a configuration. The message lists every wrong variable on one line. */
export class ConfigError extends StartupError {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('; '));
    this.problems = problems;
  }
}

function formatProblem({ variable, value, expected }: ConfigProblem): string {
  return value === undefined
    ? `${variable} is not set: ${expected} is expected`
    : `${variable}=${JSON.stringify(value)} is wrong: ${expected} is expected`;
}
