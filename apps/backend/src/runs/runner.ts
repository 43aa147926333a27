import { A2ACallError, type A2AClient, createPatience, type Reply } from '@aauth-stack/a2a/client';
import type { AgentSession, WorkOptions } from '@aauth-stack/aauth/agent';
import type { Sleep } from '@aauth-stack/aauth/clock';
import { DeferredError } from '@aauth-stack/aauth/errors';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { Logger } from '@aauth-stack/service/logger';
import { withRequestId, withSpan, withTraceParent } from '@aauth-stack/telemetry';
import { awaitEnrolment } from './await-enrolment.ts';
import { delegationOf } from './delegation.ts';
import { failureOf, RunError } from './failure.ts';
import { createPatientStore, type RunRecord } from './patient-store.ts';
import { createRunProgress } from './progress.ts';
import { supplyChainReportSchema } from './report.ts';
import { reportsFrom, resultsFrom } from './results.ts';
import { workOfRun } from './waiting.ts';

export interface RunnerOptions {
  store: RunRecord;
  session: Pick<AgentSession, 'ready' | 'status'>;
  /** Calls the supply-chain agent for one run. */
  clientFor(work: WorkOptions): Pick<A2AClient, 'send'>;
  log: Logger;
  now: () => Date;
  sleep: Sleep;
  identifiers: IdentifierPolicy;
  /** Where people are sent back to after a decision. */
  authCallback: URL;
  agentName: string;
  personServer: string;
  /** Where the person approves agents and sees what waits for them at the person server. */
  portal: string;
  /** How long the agents may take before a run fails, in milliseconds; the time that people take is not theirs. */
  agentTimeoutMs: number;
  /** How long a run waits for the person to approve this agent, in milliseconds. */
  enrolmentTimeoutMs: number;
}

interface RunToDo {
  requestId: string;
  owner: string;
  message: string;
  /** Set when the run is taken up again after a restart: the trace it belongs to. */
  traceParent?: string | null;
}

export interface Runner {
  /** Carries a run out in the background; its outcome is in the store. */
  start(run: RunToDo): void;
  /** Gives a run up, which fails. @returns false when it has ended already */
  cancel(requestId: string): Promise<boolean>;
  /** Interrupts what is under way, which stays unfinished in the store for the next start. */
  close(): Promise<void>;
}

const self = 'supply-chain-backend';
const supplyChainAgent = 'a2a-supply-chain-agent';

/** Seconds before each further call when one was lost; together longer than a service takes to start anew. */
const pauses = [0.5, 1, 2, 4];
/** Of a call that whoever should have answered it has not dealt with, because it ended or was not there. */
const lossCodes = ['gone', 'unreachable', 'interrupted', 'upstream_unavailable', 'temporarily_unavailable'];

export function createRunner(options: RunnerOptions): Runner {
  const { log, sleep } = options;
  const shutdown = new AbortController();
  const store = createPatientStore(options.store, { signal: shutdown.signal, log });
  const underWay = new Map<string, { cancel: AbortController; work: Promise<void> }>();

  async function carryOut(run: RunToDo, signal: AbortSignal): Promise<void> {
    const { session, agentName, portal, enrolmentTimeoutMs: timeoutMs } = options;
    try {
      await awaitEnrolment(run.requestId, { store, session, agentName, portal, timeoutMs, signal });
      await finish(run, await ask(run, signal));
    } catch (error) {
      if (signal.aborted) return;
      await fail(run, error);
    }
  }

  async function ask(run: RunToDo, signal: AbortSignal): Promise<Reply> {
    const { requestId, owner, message } = run;
    const { identifiers, authCallback, agentTimeoutMs, personServer, portal } = options;
    const portalOf = (server: string) => (server === personServer ? portal : undefined);
    const progress = createRunProgress(store, run, log);
    const patience = createPatience(agentTimeoutMs);
    const waiting = { requestId, message, progress, patience, identifiers, authCallback, portalOf };
    const client = options.clientFor(workOfRun(waiting));
    const send = async () => {
      await store.addActivity(requestId, {
        agent: self,
        action: 'supply_chain_optimization',
        delegation: delegationOf(owner),
        status: 'running',
        details: `Asked the supply-chain agent: ${message}`,
      });
      progress.goOn();
      await progress.written();
      signal.throwIfAborted();
      const onStatus = ({ text }: { text: string }) => progress.tell(text);
      return client.send(message, { signal, patience, onStatus });
    };
    try {
      return await withSpan('a2a_service.optimize_supply_chain', {}, () =>
        sendUntilKept(requestId, send, AbortSignal.any([signal, patience.signal])),
      );
    } catch (error) {
      if (!patience.signal.aborted) throw error;
      const detail = `The supply-chain agent did not answer within ${agentTimeoutMs / 1000} s.`;
      throw new RunError('timeout', detail, { cause: error });
    } finally {
      await progress.written();
    }
  }

  /** A service that was restarted has lost the calls that it held; asking changes nothing, so it is asked again. */
  async function sendUntilKept(requestId: string, send: () => Promise<Reply>, signal: AbortSignal): Promise<Reply> {
    for (const pause of pauses) {
      try {
        return await send();
      } catch (error) {
        if (!isLost(error)) throw error;
        log.warn({ err: error, request_id: requestId }, 'the call was lost; calling again');
        await sleep(pause, signal);
      }
    }
    return send();
  }

  async function finish(run: RunToDo, reply: Reply): Promise<void> {
    await store.step(run.requestId, 90, 'Computing the results');
    const parsed = supplyChainReportSchema.safeParse(reply.data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new RunError(
        'invalid_report',
        `The supply-chain agent's answer carries no usable report (${issue?.path.join('.') || 'report'}: ${issue?.message ?? 'missing'}).`,
      );
    }
    await store.addActivity(run.requestId, {
      agent: supplyChainAgent,
      action: 'supply_chain_optimization',
      delegation: delegationOf(run.owner),
      status: 'completed',
      details: reply.text,
    });
    const results = resultsFrom(run.requestId, parsed.data, options.now());
    await store.complete(run.requestId, results, reportsFrom(reply.text, parsed.data));
    log.info({ request_id: run.requestId }, 'run completed');
  }

  async function fail(run: RunToDo, error: unknown): Promise<void> {
    const failure = failureOf(error);
    log.error({ err: error, request_id: run.requestId }, 'run failed');
    await store.addActivity(run.requestId, {
      agent: supplyChainAgent,
      action: 'supply_chain_optimization',
      delegation: delegationOf(run.owner),
      status: 'failed',
      details: failure.reason,
    });
    await store.fail(run.requestId, failure);
  }

  return {
    start(run) {
      const { requestId } = run;
      const cancel = new AbortController();
      const signal = AbortSignal.any([shutdown.signal, cancel.signal]);
      const work = withTraceParent(run.traceParent ?? undefined, () =>
        withRequestId(requestId, () =>
          withSpan('optimization_api.run_optimization_workflow', {}, () => carryOut(run, signal)),
        ),
      )
        .catch((error: unknown) => log.error({ err: error, request_id: requestId }, 'run could not be recorded'))
        .finally(() => underWay.delete(requestId));
      underWay.set(requestId, { cancel, work });
    },

    async cancel(requestId) {
      const hasEnded = !(await options.store.fail(requestId, { code: 'cancelled', reason: 'The run was cancelled.' }));
      if (hasEnded) return false;
      // Takes back what the person is being asked.
      underWay.get(requestId)?.cancel.abort(new DeferredError('abandoned', 'The run was cancelled.'));
      return true;
    },

    async close() {
      shutdown.abort(new Error('The backend is stopping.'));
      await Promise.all([...underWay.values()].map(({ work }) => work));
    },
  };
}

function isLost(error: unknown): boolean {
  return error instanceof A2ACallError && lossCodes.includes(error.code);
}
