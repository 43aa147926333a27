import * as z from 'zod/mini';
import { moment } from './moment.ts';

/** `POST /optimization/start` */
export const startedSchema = z.object({ request_id: z.string() });

/** `GET /optimization/progress/{id}`: how a run goes. */
export const progressSchema = z.object({
  request_id: z.string(),
  status: z.string(),
  current_step: z.string(),
  activities: z.array(z.object({ id: z.number(), timestamp: moment })),
});
