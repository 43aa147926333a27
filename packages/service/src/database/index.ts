export * from './open.ts';
export * from './storable.ts';
export * from './unavailable.ts';
export * from './waiter.ts';
