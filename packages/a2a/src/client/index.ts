export type { Reply } from '../parts.ts';
export { A2ACallError } from './call-error.ts';
export { type A2AClient, type A2AClientOptions, createA2AClient, type SendOptions } from './client.ts';
export { explainCall } from './explain-call.ts';
export { limitResponse } from './limit-response.ts';
export { createPatience, type Patience } from './patience.ts';
