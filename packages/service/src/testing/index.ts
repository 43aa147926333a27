export { type CapturedLog, captureLog } from './capture-log.ts';
export { type DatabaseRelay, startDatabaseRelay } from './database-relay.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
