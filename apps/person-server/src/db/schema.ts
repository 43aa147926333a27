export * from './tables/people-and-agents.ts';
export * from './tables/tokens.ts';
