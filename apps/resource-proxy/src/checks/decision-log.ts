import type { Logger } from '@aauth-stack/service/logger';
import type { PrincipalFacts } from '../policy/facts.ts';

/**
 * `challenged`: told what to present, or given what to exchange for it. `error`: what was presented does not hold, or could not be verified. `denied`: verified,
 * and no rule admits it. `policy_error`: no rule admits it, and one of them has no value.
 */
export type CheckResult = 'allowed' | 'challenged' | 'error' | 'denied' | 'policy_error';

export interface Decision {
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

/** Writes the one line that each check leaves, with the names of the published service. */
export function logDecision(log: Logger, decision: Decision): void {
  const { facts, result, reason, detail, cause, method, path } = decision;
  log.info(
    {
      resource_id: decision.resourceId,
      level: facts?.level ?? 'none',
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
      latency_ms: Math.round(decision.latency),
      method,
      path,
    },
    'check',
  );
}

function describeCause(cause: unknown): unknown {
  return cause instanceof Error ? cause.message : cause;
}
