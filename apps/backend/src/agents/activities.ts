import type { activities } from '../db/schema.ts';

/** Who acted for whom, nested as deep as the chain of calls. */
export interface Delegation {
  sub: string;
  aud: string;
  scope: string;
  act: Delegation | null;
}

/** One line of the activity feed as the API returns it. */
export interface Activity {
  id: number;
  /** The run that it belongs to. */
  request_id: string;
  timestamp: string;
  agent: string;
  action: string;
  delegation: Delegation;
  status: 'idle' | 'running' | 'completed' | 'failed';
  details: string;
}

export function toActivity(row: typeof activities.$inferSelect): Activity {
  return {
    id: row.id,
    request_id: row.requestId,
    timestamp: row.timestamp.toISOString(),
    agent: row.agent,
    action: row.action,
    delegation: row.delegation,
    status: row.status,
    details: row.details,
  };
}
