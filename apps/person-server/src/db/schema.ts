export * from './tables/consent.ts';
export * from './tables/people-and-agents.ts';
export * from './tables/portal.ts';
export * from './tables/tokens.ts';
