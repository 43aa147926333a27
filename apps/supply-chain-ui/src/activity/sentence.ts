import type { Activity } from '../api/runs.ts';

/** What an agent did, as the rest of a sentence that begins with its name. */
export function whatItDid({ agent, action, status }: Pick<Activity, 'agent' | 'action' | 'status'>): string {
  if (action === 'clarification') return 'answered your question';
  if (status === 'failed') return 'could not finish';
  if (action === 'supply_chain_optimization') {
    return agent === 'supply-chain-backend' ? 'passed your request on' : 'delivered its report';
  }
  return action.replaceAll('_', ' ');
}
