import type { Logger } from '@aauth-stack/service/logger';
import type { Metrics } from '../metrics/metrics.ts';
import type { PrincipalFacts } from '../policy/facts.ts';

/**
 * `challenged`: told what to present, or given what to exchange for it. `error`: what was presented does not hold, or could not be verified. `denied`: verified,
 * and no rule admits it. `policy_error`: no rule admits it, and one of them has no value.
 */
export type CheckResult = 'allowed' | 'challenged' | 'error' | 'denied' | 'policy_error';

export interface DecisionFacts {
  readonly resourceId: string;
  readonly facts: PrincipalFacts | undefined;
  readonly result: CheckResult;
  /** Code of the refusal. */
  readonly reason?: string;
  readonly detail?: string;
  /** Evidence, for the log only. */
  readonly cause?: unknown;
  /** What the sender was told to present. */
  readonly requirement?: string;
  readonly resourceTokenJti?: string;
  readonly method: string;
  readonly path: string;
  /** Milliseconds. */
  readonly latency: number;
}

/** Where decisions are told of. */
export interface DecisionTools {
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'countCheck'>;
}

/** Counts a decision, and writes the one line that each leaves, with the names of the published service. */
export function logDecision({ log, metrics }: DecisionTools, decision: DecisionFacts): void {
  const { facts, resourceId, result, reason, detail, cause, method, path, latency } = decision;
  const level = facts?.level ?? 'none';
  metrics.countCheck({ resourceId, level, result, latency });
  log.info(
    {
      resource_id: resourceId,
      level,
      token_type: facts?.token_type,
      agent_server: facts?.agent_server,
      delegate: facts?.sub,
      ps: facts?.ps,
      scope: facts?.scope,
      result,
      reason,
      detail,
      cause: describeCause(cause),
      requirement: decision.requirement,
      resource_token_jti: decision.resourceTokenJti,
      latency_ms: Math.round(latency),
      method,
      path,
    },
    'check',
  );
}

function describeCause(cause: unknown): unknown {
  return cause instanceof Error ? cause.message : cause;
}
