import { StartupError } from '../startup-error.ts';

/**
 * Loads what a variable names, for instance a file.
 *
 * @throws StartupError naming the variable, its value and why it cannot be used
 */
export async function loadConfigured<T>(
  variable: string,
  value: string,
  load: (value: string) => Promise<T>,
): Promise<T> {
  try {
    return await load(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(`${variable}=${value} cannot be used: ${reason}`, { cause: error });
  }
}
