export { createInteractionCode, normalizeInteractionCode } from './interaction-code.ts';
export {
  type PendingResponse,
  type PendingResponseInit,
  type PendingStatus,
  pendingResponse,
} from './pending-response.ts';
export { type Pending, type PollOptions, poll } from './poll.ts';
export { createPollPace, type PollPace, type PollPaceOptions } from './poll-pace.ts';
export { parsePrefer } from './prefer.ts';
export { parseRetryAfter } from './retry-after.ts';
