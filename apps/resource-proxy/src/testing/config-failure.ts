import { ConfigFileError } from '../configuration/config-file-error.ts';

/** The error with which loading a file fails. */
export function failure(load: () => unknown): ConfigFileError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigFileError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
