import type { Environment } from '@aauth-stack/service/config';

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** A `${VAR}` without a default names a variable that is not set. */
export class UnsetVariableError extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`\${${variable}} has no default and ${variable} is not set in the environment`);
    this.variable = variable;
  }
}

/**
 * Replaces `${VAR}` and `${VAR:-default}`; as in a shell, a variable set to nothing counts as not set where there is a
 * default. What a variable contains is never expanded again.
 *
 * @throws UnsetVariableError
 */
export function expand(text: string, environment: Environment): string {
  return text.replace(reference, (_match, variable: string, fallback: string | undefined) => {
    const value = environment[variable] || fallback;
    if (value === undefined) throw new UnsetVariableError(variable);
    return value;
  });
}
