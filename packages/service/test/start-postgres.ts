/** Starts an embedded PostgreSQL as the arguments say, prints its pid, and goes on living or, when detached, ends. */
import { startEmbeddedPostgres } from '../src/development/postgres.ts';

const [dataDir = '', port, mode] = process.argv.slice(2);
const detached = mode === 'detached';
const server = await startEmbeddedPostgres({ dataDir, port: Number(port), detached, settings: { fsync: 'off' } });
process.stdout.write(`${server.pid}\n`);
if (!detached) setInterval(() => {}, 3_600_000);
