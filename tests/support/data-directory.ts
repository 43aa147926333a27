import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * An empty data directory for a stack. PostgreSQL, which does not run as root, can enter it, so that its data are in there and go with
 * it, and not in a place that all share; keys and settings in there have modes of their own.
 */
export function newDataDirectory(purpose: string): string {
  const directory = mkdtempSync(join(tmpdir(), `aauth-${purpose}-`));
  chmodSync(directory, 0o755);
  return directory;
}
