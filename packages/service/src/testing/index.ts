export { type CapturedLog, captureLog } from './capture-log.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
