import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ordinaryUser, temporaryDirectory } from '../development/ordinary-user.ts';
import { freePort } from '../development/port.ts';
import { startEmbeddedPostgres } from '../development/postgres.ts';
import { administer } from './administer.ts';

/**
 * Vitest global set-up: one PostgreSQL server for the whole run, in a temporary directory and on a free port. With
 * `TEST_DATABASE_URL`, a database of a server of your own whose user may create databases, that server is used instead.
 */
export default async function setUp(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const templates = `template_${randomBytes(4).toString('hex')}`;
  project.provide('postgresTemplates', templates);
  const ownServer = process.env.TEST_DATABASE_URL;
  if (ownServer) {
    project.provide('postgresAdminUrl', ownServer);
    return () => dropTemplates(ownServer, templates);
  }
  const directory = await temporaryDirectory(await ordinaryUser(''));
  const server = await startEmbeddedPostgres({
    dataDir: join(directory, 'data'),
    port: await freePort(),
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      shared_buffers: '32MB',
      max_connections: '300',
    },
  });
  project.provide('postgresAdminUrl', server.url('postgres'));
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  };
}

async function dropTemplates(adminUrl: string, templates: string): Promise<void> {
  await administer(adminUrl, async (sql) => {
    const found = await sql<
      { datname: string }[]
    >`select datname from pg_database where starts_with(datname, ${templates})`;
    for (const { datname } of found) await sql.unsafe(`drop database ${datname} with (force)`);
  });
}
