export type { AgentCard } from '@a2a-js/sdk';
export type { Reply } from '../parts.ts';
export { type A2AAppOptions, type A2ALog, a2aApp } from './app.ts';
export { type CardOptions, createCard, type Skill } from './card.ts';
export type { AnswerLater } from './deferral.ts';
export type { AgentRequest, Execute } from './executor.ts';
export { describeRequester, type RequestedBy, toRequestedBy } from './requester.ts';
