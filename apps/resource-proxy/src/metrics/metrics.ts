import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { CheckResult, DecisionFacts } from '../checks/decision-log.ts';
import { textOfAllWorkers } from '../workers/shared-metrics.ts';

/** What is counted, under the names and labels of the published ext_authz AAuth service. */
export interface Metrics {
  /** @param latency milliseconds */
  countCheck(decision: Pick<DecisionFacts, 'resourceId' | 'result' | 'latency'> & { readonly level: string }): void;
  countKeyFetch(uri: string, result: 'success' | 'error'): void;
  /** Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const resultLabels: Readonly<Record<CheckResult, string>> = {
  allowed: 'allow',
  challenged: 'challenged',
  error: 'error',
  denied: 'policy_denied',
  policy_error: 'policy_error',
};

// A check takes 1 ms with the keys at hand, and as long as a peer's server where they have to be fetched.
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Where anybody's agents are let in, it is they who choose these URIs. */
const maxUris = 100;

/**
 * @param options.process whether to add what Node knows of this process: memory, processor time, event loop
 */
export function createMetrics(options: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process) collectDefaultMetrics({ register: registry });
  const checks = new Counter({
    name: 'aauth_check_total',
    help: 'Requests that something was decided about.',
    labelNames: ['resource', 'level', 'result'],
    registers,
  });
  const durations = new Histogram({
    name: 'aauth_check_duration_seconds',
    help: 'How long a decision took.',
    labelNames: ['resource', 'result'],
    buckets,
    registers,
  });
  const fetches = new Counter({
    name: 'aauth_jwks_fetch_total',
    help: 'Key sets that were fetched from other servers.',
    labelNames: ['uri', 'result'],
    registers,
  });
  const uris = new Set<string>();
  return {
    countCheck({ resourceId: resource, level, result, latency }) {
      checks.inc({ resource, level, result: resultLabels[result] });
      durations.observe({ resource, result: resultLabels[result] }, latency / 1000);
    },
    countKeyFetch(uri, result) {
      if (uris.size < maxUris) uris.add(uri);
      fetches.inc({ uri: uris.has(uri) ? uri : 'other', result });
    },
    text: options.process ? textOfAllWorkers(registry) : () => registry.metrics(),
    contentType: registry.contentType,
  };
}
