import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a command is on the PATH; undefined where it is not. */
export function commandPath(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
