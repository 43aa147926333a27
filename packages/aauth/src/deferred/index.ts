export {
  type PendingResponse,
  type PendingResponseInit,
  type PendingStatus,
  pendingResponse,
} from './pending-response.ts';
export { type Pending, type PollOptions, poll } from './poll.ts';
export { parsePrefer } from './prefer.ts';
export { parseRetryAfter } from './retry-after.ts';
