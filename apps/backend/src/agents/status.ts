import type { Activity } from './activities.ts';

/** The agents that the known demo's UI lists. */
export const agentIds = [
  'supply-chain-optimizer',
  'inventory-service',
  'financial-service',
  'market-analysis-agent',
  'vendor-service',
  'procurement-agent',
] as const;

type AgentId = (typeof agentIds)[number];

/** Which of them appear in the activity feed, and under which name. */
const feedNames: Partial<Record<AgentId, string>> = {
  'supply-chain-optimizer': 'a2a-supply-chain-agent',
  'market-analysis-agent': 'market-analysis-agent',
};

/**
 * @param feed activities, newest first
 */
export function agentStatus(id: AgentId, feed: readonly Activity[]) {
  const latest = feed.find((activity) => activity.agent === feedNames[id]);
  return {
    agent_id: id,
    status: latest?.status === 'running' ? 'running' : 'idle',
    last_activity: latest?.timestamp ?? null,
    current_task: latest?.status === 'running' ? latest.action : null,
  };
}
