export { type StopSettings, stopping, stopSettings } from '../stopping.ts';
export * from './event-stream.ts';
export * from './health.ts';
export * from './limit-body.ts';
export * from './operator.ts';
export * from './port-holder.ts';
export * from './request-logger.ts';
export * from './serve.ts';
