import { toSeconds } from '@aauth-stack/ui';
import type { Progress } from '../api/runs.ts';

/** What a run was asked for, in the words of whoever asked. */
export function promptOf({ prompt }: Pick<Progress, 'prompt'>): string {
  return prompt?.trim() || 'Optimize the laptop supply chain';
}

/** How long something took: `took 3.2 s`. */
export function tookWords(from: string, until: string): string {
  const seconds = Math.max(0, toSeconds(until) - toSeconds(from));
  if (seconds < 60) return `took ${seconds.toFixed(1)} s`;
  return `took ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

const agents: Readonly<Record<string, string>> = {
  'supply-chain-backend': 'Backend App',
  'a2a-supply-chain-agent': 'Supply Chain Optimizer Agent',
  'supply-chain-agent': 'Supply Chain Optimizer Agent',
  'market-analysis-agent': 'Market Analysis Agent',
};

/** The name that an agent enrols under, for the name that the backend knows it by. */
export function agentName(agent: string): string {
  return agents[agent] ?? agent;
}
