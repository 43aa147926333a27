import * as z from 'zod/mini';
import './moment.ts';

/** `GET /agents/self`: whether the backend, which is an agent itself, may act. */
export const ownAgentSchema = z.object({
  agent_name: z.string(),
  state: z.string(),
  detail: z.string(),
  /** Where the person approves it, while it waits for that. */
  approve_url: z.nullable(z.string()),
});
