import { StartupError } from '@aauth-stack/service/main';

/** Prints a line for the person at the terminal. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints what went wrong; with its stack where nobody foresaw it. */
export function sayError(problem: unknown): void {
  if (problem instanceof StartupError) return void process.stderr.write(`${problem.message}\n`);
  const text = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
  process.stderr.write(`${text}\n`);
}
