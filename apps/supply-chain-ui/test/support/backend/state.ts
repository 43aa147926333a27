import type { Activity, Progress, Results } from '../../../src/api/runs.ts';
import type { Flow } from '../../../src/flow/model/flow.ts';

/** What a backend in memory knows. */
export interface State {
  runs: Progress[];
  results: Map<string, Results>;
  /** What went over the wire, of the runs of which that is known. */
  flows: Map<string, Flow>;
  activities: Activity[];
  /** Whether the backend, an agent itself, waits for the person's approval. */
  notApproved: boolean;
  /** Whether it answers only to whoever is signed in. */
  onlySignedIn: boolean;
  /** Whether it takes no token, however good. */
  refusesTokens: boolean;
  /** The tokens that it was shown, newest last. */
  tokens: string[];
  /** What `POST /optimization/start` was sent, newest last. */
  started: unknown[];
}

export function createState(): State {
  return {
    runs: [],
    results: new Map(),
    flows: new Map(),
    activities: [],
    notApproved: false,
    onlySignedIn: false,
    refusesTokens: false,
    tokens: [],
    started: [],
  };
}

let count = 0;

export function activity(change: Partial<Activity> = {}): Activity {
  count += 1;
  return {
    id: count,
    request_id: 'gone',
    timestamp: new Date().toISOString(),
    agent: 'supply-chain-backend',
    action: 'supply_chain_optimization',
    status: 'running',
    details: 'Asked the supply-chain agent: Optimize the laptop supply chain.',
    ...change,
  };
}

export function run(change: Partial<Progress> = {}): Progress {
  return {
    request_id: crypto.randomUUID(),
    status: 'running',
    progress_percentage: 25,
    current_step: 'The supply-chain agent is working',
    error: null,
    error_code: null,
    interaction_url: null,
    interaction_code: null,
    waiting_until: null,
    prompt: 'Optimize the laptop supply chain and perform market analysis',
    created_at: new Date(Date.now() - 8000).toISOString(),
    completed_at: null,
    ...change,
  };
}

const report = `# Supply Chain Optimization Analysis

## Request Analysis

- **Type**: supply_chain_optimization
- **Context**: IT hardware procurement
- **Requested by**: aauth:backend@agent-provider.localhost

## Purchase Plan

| Item | Quantity | Unit price | Supplier | Lead time | Total |
| --- | --- | --- | --- | --- | --- |
| MacBook Pro 14" M4 | 25 | $2,399.00 | Apple Business | 7-10 days | $59,975.00 |
| Dell XPS 13 Plus | 15 | $1,985.00 | Dell Direct | 5-7 days | $29,775.00 |

**Total**: 40 units for $89,750.00

## Next Steps

These steps follow from the analysis above:

- Order the MacBook Pro 14" M4 at Apple Business.
- Review the surplus of ThinkPads with the departments.
- <script>alert('never')</script>
`;

export function results(requestId: string, change: Partial<Results> = {}): Results {
  return {
    request_id: requestId,
    summary: { total_cost: 89_750, expected_delivery: '7-10 days', cost_savings: 12_500, efficiency: 87.4 },
    recommendations: [
      {
        item: 'MacBook Pro 14" M4',
        quantity: 25,
        unit_price: 2399,
        supplier: 'Apple Business',
        lead_time: '7-10 days',
        total: 59_975,
      },
      {
        item: 'Dell XPS 13 Plus',
        quantity: 15,
        unit_price: 1985,
        supplier: 'Dell Direct',
        lead_time: '5-7 days',
        total: 29_775,
      },
    ],
    reasoning: [
      {
        decision: 'Inventory Demand Analysis, 6 months',
        agent: 'market-analysis-agent',
        rationale: 'Hiring in engineering outgrows the stock of MacBooks by April.',
      },
      {
        decision: 'Vendor Management (Medium priority)',
        agent: 'supply-chain-agent',
        rationale: 'Order from vendors whose compliance and quality are already approved.',
      },
    ],
    reports: [
      { agent: 'supply-chain-agent', title: 'Supply Chain Optimization Analysis', markdown: report },
      { agent: 'market-analysis-agent', title: 'Market Analysis', markdown: '## Market Analysis\n\nRisk: **medium**.' },
    ],
    completed_at: new Date().toISOString(),
    ...change,
  };
}

/** A run that has come to its result, and what the agents did for it. */
export function complete(state: State, change: Partial<Progress> = {}): Progress {
  const completed = run({
    status: 'completed',
    progress_percentage: 100,
    current_step: 'Completed',
    completed_at: new Date().toISOString(),
    ...change,
  });
  const id = completed.request_id;
  state.runs.unshift(completed);
  state.results.set(id, results(id));
  state.activities.unshift(
    activity({ request_id: id, agent: 'a2a-supply-chain-agent', status: 'completed', details: report }),
    activity({ request_id: id, timestamp: new Date(Date.now() - 6000).toISOString() }),
  );
  return completed;
}
