import { startEmbeddedPostgres } from '@aauth-stack/service/development/postgres';
import postgres from 'postgres';

/** The PostgreSQL of a stack, which tests may stop and start. */
export interface PostgresServer {
  url(database: string): string;
  /** Ends every connection; what was committed stays. */
  stop(): Promise<void>;
  /** Ends it as a power cut does. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Has everybody wait who wants something of a table. Resolves to a function that lets them go on. */
  lock(database: string, table: string): Promise<() => Promise<void>>;
  /** The rows that a query finds. */
  rows<Row extends object>(database: string, query: string): Promise<Row[]>;
}

const port = 54_329;

export async function startPostgres(dataDir: string, databases: readonly string[]): Promise<PostgresServer> {
  const options = { dataDir, port, databases };
  let server = await startEmbeddedPostgres(options);
  let isUp = true;

  return {
    url: (database) => server.url(database),
    async stop() {
      if (isUp) await server.stop();
      isUp = false;
    },
    async crash() {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
      isUp = false;
    },
    async start() {
      server = await startEmbeddedPostgres(options);
      isUp = true;
    },
    async lock(database, table) {
      const sql = postgres(server.url(database), { max: 1, onnotice: () => {} });
      const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const holding = sql.begin(async (transaction) => {
        await transaction`lock table ${transaction(table)} in access exclusive mode`;
        locked.resolve();
        await released.promise;
      });
      await Promise.race([locked.promise, holding]);
      return async () => {
        released.resolve();
        await holding;
        await sql.end({ timeout: 1 });
      };
    },
    async rows<Row extends object>(database: string, query: string) {
      const sql = postgres(server.url(database), { max: 1, onnotice: () => {} });
      try {
        return await sql.unsafe<Row[]>(query);
      } finally {
        await sql.end({ timeout: 1 });
      }
    },
  };
}
