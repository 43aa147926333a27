export { freePort } from '../development/port.ts';
export { type CapturedLog, captureLog } from './capture-log.ts';
export { type DatabaseRelay, startDatabaseRelay } from './database-relay.ts';
export { spawnProcess, startProcess, type TestProcess } from './process.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
