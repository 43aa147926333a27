import { createHash, randomBytes } from 'node:crypto';
import type { Sql } from 'postgres';
import { inject } from 'vitest';
import { migrateDatabase } from '../database/connect.ts';
import { administer } from './administer.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by `postgres-global-setup`: a database of the server on which {@link createTestDatabase} makes others. */
    postgresAdminUrl: string;
    /** Begins the names of the databases that are there for the whole run, and removed after it. */
    postgresTemplates: string;
  }
}

export interface TestDatabase {
  url: string;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Brings it to the newest schema, by copying one that was migrated before: many times as fast as migrating each. */
  migrationsFolder?: string;
}

/**
 * A fresh database, empty unless it is to be migrated. Needs `@aauth-stack/service/testing/postgres-global-setup` as Vitest's
 * `globalSetup`.
 */
export async function createTestDatabase({ migrationsFolder }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const adminUrl = inject('postgresAdminUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(adminUrl, async (sql) => {
    const template = migrationsFolder === undefined ? 'template1' : await migratedTemplate(sql, migrationsFolder);
    await sql.unsafe(`create database ${name} template ${template}`);
  });
  return {
    url: databaseUrl(adminUrl, name),
    drop: () => administer(adminUrl, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`)),
  };
}

/** The name of a database with these migrations, made by whoever needs it first. */
async function migratedTemplate(sql: Sql, migrationsFolder: string): Promise<string> {
  const adminUrl = inject('postgresAdminUrl');
  const name = `${inject('postgresTemplates')}_${createHash('sha256').update(migrationsFolder).digest('hex').slice(0, 8)}`;
  // Held until this connection ends: others wait for the first, and then find what it made.
  await sql`select pg_advisory_lock(hashtext(${name}))`;
  const exists = await sql`select from pg_database where datname = ${name}`;
  if (exists.length === 0) {
    await sql.unsafe(`create database ${name}`);
    await migrateDatabase(databaseUrl(adminUrl, name), migrationsFolder, 'test template');
  }
  await sql`select pg_advisory_unlock(hashtext(${name}))`;
  return name;
}

function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}
