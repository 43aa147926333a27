import { fileURLToPath } from 'node:url';

/** Where the migrations of this service's tables are. */
export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));
