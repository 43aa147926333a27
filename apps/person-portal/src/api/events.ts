import * as z from 'zod/mini';
import { moment } from './moment.ts';

/** What can change. Each is also the first part of the keys under which its data is cached. */
export const topics = [
  'registrations',
  'bindings',
  'providers',
  'requests',
  'consents',
  'tokens',
  'activity',
  'settings',
  'resources',
  'server',
  'sessions',
] as const;

export type Topic = (typeof topics)[number];

/** `event: hello` of `GET /ui/events` */
export const helloSchema = z.object({ server_time: moment });

/** `event: changed`. Topics of a later version of the server are none of ours. */
export const changedSchema = z.object({ topics: z.array(z.string()) });

/** `GET /ui/changes` */
export const changesSchema = z.object({ changes: z.number() });
