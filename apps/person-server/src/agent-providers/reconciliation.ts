import type { Clock, Sleep } from '@aauth-stack/aauth/clock';
import { UnavailableError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { inArray } from 'drizzle-orm';
import { agentOf, recordOwner, recordProfile } from '../agents/ownership.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { people } from '../db/schema.ts';
import type { Revocations } from '../revocation/revocations.ts';
import type { AgentProvider } from './agent-provider.ts';

const firstDelay = 1;
const longestDelay = 60;

export interface ReconciliationOptions {
  provider: AgentProvider;
  db: Database;
  now: Clock;
  sleep: Sleep;
  log: Logger;
  revocations: Pick<Revocations, 'revokeAgent'>;
}

/**
 * Keeps the record of the agents complete: an approval whose answer was lost, by a crash on either side, is found in the
 * provider's list, and a
 * revocation that only one of the two servers knows of is made known to the other. Runs at start, after each event, and once a provider that was away answers again.
 */
export interface Reconciliation {
  /** Asks for a run. Requests made while one is under way become one more run. */
  request(): void;
  /** Runs once, now. @throws UnavailableError when the provider does not answer */
  now(): Promise<void>;
  stop(): Promise<void>;
}

export function createReconciliation(options: ReconciliationOptions): Reconciliation {
  const stopping = new AbortController();
  let requested = false;
  let underway: Promise<void> | undefined;

  const run = async () => {
    while (requested && !stopping.signal.aborted) {
      // Before each attempt: one that fails asks for another itself, as everything does that finds the provider away.
      await reconcileUntilAnswered(options, stopping.signal, () => {
        requested = false;
      });
    }
    underway = undefined;
  };

  return {
    request: () => {
      requested = true;
      underway ??= run();
    },
    now: () => reconcile(options),
    stop: async () => {
      stopping.abort();
      await underway;
    },
  };
}

async function reconcileUntilAnswered(
  options: ReconciliationOptions,
  signal: AbortSignal,
  onAttempt: () => void,
): Promise<void> {
  const { provider, sleep, log } = options;
  for (let delay = firstDelay; !signal.aborted; delay = Math.min(delay * 2, longestDelay)) {
    onAttempt();
    try {
      await reconcile(options);
      if (delay > firstDelay) log.info({ agentProvider: provider.issuer }, 'The Agent Provider answers again.');
      return;
    } catch (error) {
      logFailure(options, error, delay);
      // Rejects only when stopping, which ends the loop.
      await sleep(delay, signal).catch(() => {});
    }
  }
}

function logFailure({ provider, log }: ReconciliationOptions, error: unknown, delay: number): void {
  const facts = { agentProvider: provider.issuer, retryInSeconds: delay };
  if (error instanceof UnavailableError) {
    log.warn({ ...facts, err: error.cause }, `Waiting for the list of agents. ${error.message}`);
  } else {
    log.error({ ...facts, err: error }, 'The list of agents could not be recorded.');
  }
}

async function reconcile({ provider, db, now, log, revocations }: ReconciliationOptions): Promise<void> {
  const bindings = await provider.bindings();
  const personIds = [...new Set(bindings.flatMap(({ person_id }) => (isUuid(person_id) ? [person_id] : [])))];
  const known = await db.select({ id: people.id }).from(people).where(inArray(people.id, personIds));
  const knownIds = new Set(known.map(({ id }) => id));
  for (const { agent_id: agentId, agent_name: name, person_id: personId, callback, revoked } of bindings) {
    if (!personId || !knownIds.has(personId)) {
      log.warn({ agent: agentId, agentProvider: provider.issuer }, 'An agent belongs to nobody this server knows.');
      continue;
    }
    const owner = await recordOwner(db, {
      agentProvider: provider.issuer,
      agentId,
      personId,
      approvedAt: toDate(now()),
    });
    if (owner !== personId) {
      log.error(
        { agent: agentId, agentProvider: provider.issuer },
        'The Agent Provider names another owner than the first one.',
      );
    }
    await recordProfile(db, { agentProvider: provider.issuer, agentId, name, callback: callback ?? null });
    const isRevokedHere = Boolean((await agentOf(db, provider.issuer, agentId))?.revokedAt);
    if (revoked && !isRevokedHere) await revocations.revokeAgent(provider.issuer, agentId);
    if (!revoked && isRevokedHere) await provider.revoke(agentId);
  }
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
