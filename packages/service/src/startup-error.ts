/**
 * Something outside the program (a setting, a taken port, a database that is not there) keeps a service from starting.
 * The message is for the person who operates it: one line, naming what to change. `runService` and the scripts print it without a stack.
 */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}
