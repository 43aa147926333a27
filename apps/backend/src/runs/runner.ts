import { A2ACallError, type A2AClient, createPatience, type Reply } from '@aauth-stack/a2a/client';
import type { AgentSession, WorkOptions } from '@aauth-stack/aauth/agent';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { Logger } from '@aauth-stack/service/logger';
import { withRequestId, withSpan, withTraceParent } from '@aauth-stack/telemetry';
import { createRunProgress } from './progress.ts';
import { supplyChainReportSchema } from './report.ts';
import { resultsFrom } from './results.ts';
import type { RunStore } from './run-store.ts';
import { workOfRun } from './waiting.ts';

export interface RunnerOptions {
  store: RunStore;
  session: Pick<AgentSession, 'ready' | 'status'>;
  /** Calls the supply-chain agent for one run. */
  clientFor(work: WorkOptions): Pick<A2AClient, 'send'>;
  log: Logger;
  now: () => Date;
  identifiers: IdentifierPolicy;
  /** Where people are sent back to after a decision. */
  authCallback: URL;
  /** How long the agents may take before a run fails, in milliseconds; the time that people take is not theirs. */
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

// How often one run calls the supply-chain agent.
const maxAttempts = 3;

class Interrupted extends Error {}

export function createRunner(options: RunnerOptions): Runner {
  const { store, log } = options;
  const shutdown = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function carryOut(run: RunToDo): Promise<void> {
    try {
      await identified(run);
      await finish(run, await ask(run));
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
    const { requestId, message } = run;
    const { identifiers, authCallback, agentTimeoutMs } = options;
    const progress = createRunProgress(store, requestId, log);
    const patience = createPatience(agentTimeoutMs);
    const client = options.clientFor(workOfRun({ requestId, message, progress, patience, identifiers, authCallback }));
    const send = async () => {
      await store.addActivity(requestId, {
        agent: self,
        action: 'supply_chain_optimization',
        delegation,
        status: 'running',
        details: `Asked the supply-chain agent: ${message}`,
      });
      progress.goOn();
      await progress.written();
      const onStatus = ({ text }: { text: string }) => progress.tell(text);
      return client.send(message, { signal: shutdown.signal, patience, onStatus });
    };
    try {
      return await withSpan('a2a_service.optimize_supply_chain', {}, () => sendUntilKept(requestId, send));
    } catch (error) {
      if (!patience.signal.aborted) throw error;
      throw new Error(`The supply-chain agent did not answer within ${agentTimeoutMs / 1000} s.`, { cause: error });
    } finally {
      await progress.written();
    }
  }

  /** An agent that was restarted has lost the calls that it held; asking it changes nothing, so it is asked again. */
  async function sendUntilKept(requestId: string, send: () => Promise<Reply>): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        if (!isLost(error) || attempt >= maxAttempts) throw error;
        log.warn({ err: error, request_id: requestId }, 'the call was lost; calling again');
      }
    }
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
    const reason = error instanceof Error ? error.message : String(error);
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

function isLost(error: unknown): boolean {
  return error instanceof A2ACallError && error.code === 'gone';
}
