import type { A2AClient, Reply } from '@aauth-stack/a2a/client';
import type { AgentSession } from '@aauth-stack/aauth/agent';
import type { Logger } from '@aauth-stack/service/logger';
import { withRequestId, withSpan, withTraceParent } from '@aauth-stack/telemetry';
import { supplyChainReportSchema } from './report.ts';
import { resultsFrom } from './results.ts';
import type { RunStore } from './run-store.ts';

export interface RunnerOptions {
  store: RunStore;
  session: Pick<AgentSession, 'ready' | 'status'>;
  client: Pick<A2AClient, 'send'>;
  log: Logger;
  now: () => Date;
  /** How long a run may wait for the agents before it fails, in milliseconds. */
  agentTimeoutMs: number;
  /** How long a run waits for the person to approve this agent, in milliseconds. */
  enrolmentTimeoutMs: number;
}

interface RunToDo {
  requestId: string;
  message: string;
  /** Set when the run is taken up again after a restart: the trace it belongs to. */
  traceParent?: string | null;
}

export interface Runner {
  /** Carries a run out in the background; its outcome is in the store. */
  start(run: RunToDo): void;
  /** Interrupts what is under way, which stays unfinished in the store for the next start. */
  close(): Promise<void>;
}

const self = 'supply-chain-backend';
const supplyChainAgent = 'a2a-supply-chain-agent';
const delegation = { sub: 'guest', aud: 'a2a-agent', scope: 'supply-chain:optimize', act: null };

class Interrupted extends Error {}

export function createRunner(options: RunnerOptions): Runner {
  const { store, log } = options;
  const shutdown = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function carryOut(run: RunToDo): Promise<void> {
    try {
      await identified(run);
      const reply = await ask(run);
      await finish(run, reply);
    } catch (error) {
      if (shutdown.signal.aborted) return;
      await fail(run, error);
    }
  }

  async function identified(run: RunToDo): Promise<void> {
    const status = options.session.status();
    if (status.state !== 'enrolled') await store.step(run.requestId, 5, status.detail);
    await withLimit(options.session.ready, options.enrolmentTimeoutMs, () => {
      return `The backend has no agent token yet: ${options.session.status().detail}`;
    });
    await store.step(run.requestId, 10, 'The backend has its agent token');
  }

  async function ask(run: RunToDo): Promise<Reply> {
    await store.addActivity(run.requestId, {
      agent: self,
      action: 'supply_chain_optimization',
      delegation,
      status: 'running',
      details: `Asked the supply-chain agent: ${run.message}`,
    });
    await store.step(run.requestId, 25, 'The supply-chain agent is working');
    let percentage = 25;
    const signal = AbortSignal.any([shutdown.signal, AbortSignal.timeout(options.agentTimeoutMs)]);
    return withSpan('a2a_service.optimize_supply_chain', {}, () =>
      options.client.send(run.message, {
        signal,
        onStatus: ({ text }) => {
          percentage = Math.min(80, percentage + 20);
          void store.step(run.requestId, percentage, text).catch((error: unknown) => {
            log.warn({ err: error, request_id: run.requestId }, 'progress could not be recorded');
          });
        },
      }),
    );
  }

  async function finish(run: RunToDo, reply: Reply): Promise<void> {
    await store.step(run.requestId, 90, 'Computing the results');
    const parsed = supplyChainReportSchema.safeParse(reply.data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new Error(
        `The supply-chain agent's answer carries no usable report (${issue?.path.join('.') || 'report'}: ${issue?.message ?? 'missing'}).`,
      );
    }
    await store.addActivity(run.requestId, {
      agent: supplyChainAgent,
      action: 'supply_chain_optimization',
      delegation,
      status: 'completed',
      details: reply.text,
    });
    await store.complete(run.requestId, resultsFrom(run.requestId, parsed.data, options.now()));
    log.info({ request_id: run.requestId }, 'run completed');
  }

  async function fail(run: RunToDo, error: unknown): Promise<void> {
    const reason = reasonOf(error, options.agentTimeoutMs);
    log.error({ err: error, request_id: run.requestId }, 'run failed');
    await store.addActivity(run.requestId, {
      agent: supplyChainAgent,
      action: 'supply_chain_optimization',
      delegation,
      status: 'failed',
      details: reason,
    });
    await store.fail(run.requestId, reason);
  }

  async function withLimit(promise: Promise<void>, limitMs: number, describe: () => string): Promise<void> {
    const limit = AbortSignal.any([shutdown.signal, AbortSignal.timeout(limitMs)]);
    const interrupted = Promise.withResolvers<never>();
    const onAbort = () => interrupted.reject(new Interrupted(describe()));
    limit.addEventListener('abort', onAbort, { once: true });
    if (limit.aborted) onAbort();
    try {
      await Promise.race([promise, interrupted.promise]);
    } finally {
      limit.removeEventListener('abort', onAbort);
    }
  }

  return {
    start(run) {
      const work = withTraceParent(run.traceParent ?? undefined, () =>
        withRequestId(run.requestId, () =>
          withSpan('optimization_api.run_optimization_workflow', {}, () => carryOut(run)),
        ),
      )
        .catch((error: unknown) => log.error({ err: error, request_id: run.requestId }, 'run could not be recorded'))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },

    async close() {
      shutdown.abort(new Interrupted('The backend is stopping.'));
      await Promise.all(underWay);
    },
  };
}

function reasonOf(error: unknown, agentTimeoutMs: number): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `The supply-chain agent did not answer within ${agentTimeoutMs / 1000} s.`;
  }
  return error instanceof Error ? error.message : String(error);
}
