import { join } from 'node:path';
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '@aauth-stack/service/development/postgres';
import { dataDirectory } from './root.ts';
import { databases } from './services.ts';
import { say } from './terminal.ts';

const dataDir = join(dataDirectory, 'postgres');
const port = 54329;

/** Starts the PostgreSQL that keeps the native stack's state, or finds it running. */
export async function startDatabase(): Promise<(database: string) => string> {
  const started = performance.now();
  const server = await startEmbeddedPostgres({ dataDir, port, databases, detached: true });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`  ${'postgres'.padEnd(22)} ${`127.0.0.1:${port}`.padEnd(46)} ${seconds} s`);
  return server.url;
}

export function stopDatabase(): Promise<boolean> {
  return stopEmbeddedPostgres(dataDir);
}
