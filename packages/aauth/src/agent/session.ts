import { systemSleep, wasSetBack } from '../clock.ts';
import { AAuthError, UnavailableError } from '../errors.ts';
import { thumbprintUri } from '../keys/thumbprint.ts';
import { createProviderClient } from './provider-client.ts';
import { describeFailure } from './provider-errors.ts';
import { createSchedule } from './schedule.ts';
import type { AgentCredentials, AgentSession, AgentSessionOptions, AgentStatus } from './session-types.ts';
import { judgeSetback } from './setbacks.ts';
import type { CredentialRequest } from './signed-fetch.ts';

// AAuth Protocol: refresh with five minutes left; a token that lives shorter than twice that, after half its life.
const renewalMargin = 5 * 60;
const requestTimeout = 10;

/**
 * Keeps an agent enrolled at its agent provider (AAuth Bootstrap, "Refresh Patterns"): registers with the stable key, waits for the
 * person, and from then on renews the agent token with five minutes left, each time for a new ephemeral key. Nothing that the
 * provider answers ends it: it says in the log and in {@link AgentSession.status} what it waits for and tries again, after 1 s
 * doubling to 60 s in general, after five minutes when the agent was denied or revoked.
 *
 * Does nothing before `start()`. Tokens and ephemeral keys live in memory only; the stable key is all that a restart needs.
 *
 * @param options the provider, the stable key, and what the agent is called
 * @returns the session, not started
 * @throws TypeError when `agentName` does not have 1–256 characters
 */
export function createAgentSession(options: AgentSessionOptions): AgentSession {
  const { provider, agentName, personServer, callback, stableKey, now, sleep = systemSleep, log } = options;
  if (agentName.length < 1 || agentName.length > 256) {
    throw new TypeError(`agentName has ${agentName.length} characters; it needs 1 to 256.`);
  }
  const client = createProviderClient({ requestTimeout, ...options, personServer, sleep });
  const stopping = new AbortController();
  const { signal } = stopping;
  const schedule = createSchedule({ now, sleep, signal });
  const ready = Promise.withResolvers<void>();
  // Whoever waits for `ready` sees its rejection; nobody has to.
  ready.promise.catch(() => {});
  const stableJkt = thumbprintUri(stableKey.thumbprint);
  const fields = { provider, agent_name: agentName, stable_jkt: stableJkt };

  let status: AgentStatus = {
    state: 'starting',
    detail: `"${agentName}" has yet to ask ${provider} for an agent token.`,
  };
  // Token and key are read and replaced together, as one object (W12).
  let current: AgentCredentials | undefined;
  let adoptedAt = 0;
  let renewAt = 0;
  let revoked: string | undefined;
  let isEnrolled = false;
  let failures = 0;
  let putOffAt = 0;
  let exchange: Promise<AgentCredentials> | undefined;
  let isStarted = false;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await obtain();
      } catch {
        // Logged, with the next attempt scheduled, where it happened.
      }
      await schedule.wait();
    }
  }

  function obtain(): Promise<AgentCredentials> {
    exchange ??= attempt().finally(() => {
      exchange = undefined;
    });
    return exchange;
  }

  async function attempt(): Promise<AgentCredentials> {
    try {
      const request = { agentName, callback, onPending: notePending, onUnreachable: noteUnreachable };
      const credentials = await (isEnrolled ? client.refresh(signal) : client.register(request, signal));
      adopt(credentials);
      return credentials;
    } catch (error) {
      if (!signal.aborted) putOff(error);
      throw error;
    }
  }

  function adopt(credentials: AgentCredentials): void {
    const { agent, expiresAt } = credentials;
    current = credentials;
    adoptedAt = now();
    renewAt = expiresAt - Math.min(renewalMargin, (expiresAt - now()) / 2);
    failures = 0;
    schedule.set(renewAt);
    const until = new Date(expiresAt * 1000).toISOString();
    status = {
      state: 'enrolled',
      detail: `Enrolled as ${agent}; the agent token is valid until ${until}.`,
      agent,
      expiresAt,
    };
    log.info(
      { ...fields, agent, expires_at: until },
      isEnrolled ? `renewed the agent token of ${agent}` : `enrolled as ${agent}`,
    );
    isEnrolled = true;
    ready.resolve();
  }

  function putOff(error: unknown): void {
    const setback = judgeSetback(error, failures, isEnrolled);
    const reason = error instanceof Error ? error.message : String(error);
    failures += 1;
    putOffAt = now();
    if (setback.startOver) isEnrolled = false;
    if (setback.state === 'denied') current = undefined;
    schedule.set(now() + setback.pause);
    const detail = `${reason} Trying again in ${Math.ceil(setback.pause)} s.`;
    status = { state: setback.state, detail, agent: current?.agent, expiresAt: current?.expiresAt };
    const waiting = `"${agentName}" waits for its agent token from ${provider}`;
    log[setback.level]({ ...fields, err: error }, `${waiting}: ${detail}`);
  }

  function notePending(): void {
    if (status.state === 'pending') return;
    const where = personServer ?? `the person server of ${provider}`;
    const detail = `Waiting for the person to approve "${agentName}" at ${where}; its key is ${stableJkt}.`;
    status = { state: 'pending', detail, agent: current?.agent, expiresAt: current?.expiresAt };
    log.info(fields, detail);
  }

  function noteUnreachable(error: unknown): void {
    const reason = describeFailure(error);
    log.warn(
      { ...fields, err: error },
      `"${agentName}" cannot ask ${provider} for the person's decision: ${reason}. Going on.`,
    );
  }

  function usable(): AgentCredentials | undefined {
    return current && current.token !== revoked && now() < current.expiresAt ? current : undefined;
  }

  function unavailable(cause?: unknown): UnavailableError {
    const retryAfter = Math.max(1, Math.ceil(schedule.due - now()));
    return new UnavailableError(`There is no valid agent token. ${status.detail}`, { retryAfter, cause });
  }

  async function credentials(request?: CredentialRequest): Promise<AgentCredentials> {
    const refused = request?.refused?.token === current?.token ? request?.refused : undefined;
    if (refused?.code === 'revoked_jwt') revoked = refused.token;
    const held = usable();
    // With a clock that was set back, servers see a token from the future.
    if (held && !refused && now() < renewAt && !wasSetBack(now, adoptedAt)) return held;
    // Without a token, enrolment may take as long as the person does; after a failure, the next attempt has its time.
    const isWaiting =
      signal.aborted || !isEnrolled || (failures > 0 && now() < schedule.due && !wasSetBack(now, putOffAt));
    if (isWaiting) {
      if (held) return held;
      throw unavailable();
    }
    try {
      return await obtain();
    } catch (error) {
      const still = usable();
      if (still) return still;
      throw error instanceof AAuthError ? error : unavailable(error);
    }
  }

  return {
    ready: ready.promise,
    status: () => status,
    credentials,
    start() {
      if (isStarted || signal.aborted) return;
      isStarted = true;
      log.info(fields, `"${agentName}" enrols at ${provider} with the key ${stableJkt}`);
      run().catch((error) => {
        if (!signal.aborted) throw error;
      });
    },
    stop() {
      const reason = new DOMException('The agent session was stopped.', 'AbortError');
      stopping.abort(reason);
      ready.reject(reason);
      status = { state: 'stopped', detail: reason.message, agent: current?.agent, expiresAt: current?.expiresAt };
    },
  };
}
