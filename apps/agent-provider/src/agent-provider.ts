import { createRevocationSender, createServerFetch } from '@aauth-stack/aauth/agent';
import type { Clock, Sleep } from '@aauth-stack/aauth/clock';
import { createPollPace } from '@aauth-stack/aauth/deferred';
import { createDiscovery, type EgressFetch } from '@aauth-stack/aauth/discovery';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { createWaiter, openDatabase } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import { createTokenIssuer } from './agents/issuance.ts';
import { refreshHandler } from './agents/refresh.ts';
import { createRevocation } from './agents/revocation.ts';
import { createApp } from './app.ts';
import { limitBody } from './checks/body.ts';
import { verifyBothKeys } from './checks/key-proof.ts';
import { verifyOperator } from './checks/operator.ts';
import { verifyPersonServer } from './checks/person-server.ts';
import { createDatabaseReplayCache, refuseReplay, refuseReplayedChange } from './checks/replay.ts';
import type { Config } from './config.ts';
import { migrationsFolder } from './db/migrations.ts';
import * as schema from './db/schema.ts';
import { enrolmentEndedChannel } from './enrolments/announcement.ts';
import { createDecisions } from './enrolments/decisions.ts';
import { pollHandler } from './enrolments/poll.ts';
import { registerHandler } from './enrolments/register.ts';
import { createEventDelivery } from './events/delivery.ts';
import { outboxChannel } from './events/outbox.ts';
import { createPersonServerEvents } from './events/person-server-events.ts';
import { jwksHandler } from './keys/jwks.ts';
import { rotateHandler } from './keys/rotation.ts';
import { createSigningKeys } from './keys/signing-keys.ts';
import { createMaintenance, startInterval } from './maintenance.ts';
import { metadataHandler } from './metadata.ts';
import { bindingRoutes } from './person/bindings.ts';
import { registrationRoutes } from './person/registrations.ts';
import { createRevocationDelivery } from './revocations/delivery.ts';
import { recipientsOf } from './revocations/recipient.ts';
import { revocationChannel } from './revocations/storage.ts';

/** Live entries, about ten megabytes; each lives for a minute or two. */
const maxSeenSignatures = 50_000;
const maxPacedEnrolments = 10_000;

/** What the provider needs from outside. */
export interface Surroundings {
  now: Clock;
  sleep: Sleep;
  keys: KeyBackend;
  /** Reaches the configured Person Server. */
  fetch: typeof fetch;
  /** Fetches metadata and keys of other servers. */
  egress: EgressFetch;
  /** Reaches the endpoints that their metadata names, under egress admission. */
  admittedFetch: typeof fetch;
  log: Logger;
}

export interface AgentProvider {
  fetch: ReturnType<typeof createApp>['fetch'];
  /** What otherwise happens every 30 seconds. */
  maintain(): Promise<void>;
  /** Sends the events that are due, now. */
  deliverEvents(): Promise<void>;
  /** Sends the revocations that are due, now. */
  deliverRevocations(): Promise<void>;
  /** Answers held polls and ends what runs in the background; requests are still served. */
  drain(): Promise<void>;
  /** Frees everything, after the last request. */
  close(): Promise<void>;
}

/** Opens the database and puts the provider together. Any number of them work on one database. */
export async function createAgentProvider(config: Config, surroundings: Surroundings): Promise<AgentProvider> {
  const { issuer, personServer, identifiers } = config;
  const { now, sleep, keys, log } = surroundings;
  const database = await openDatabase({
    url: config.databaseUrl,
    schema,
    migrationsFolder,
    applicationName: 'agent-provider',
    log,
  });
  const { db } = database;

  const signingKeys = createSigningKeys({ db, keys, now, log });
  await signingKeys.createFirst();
  const issueToken = createTokenIssuer({
    issuer,
    personServer,
    lifetime: config.agentTokenLifetime,
    signingKeys,
    now,
    log,
  });
  const decisions = createDecisions({ db, issuer, now, log });
  const replay = createDatabaseReplayCache({ db, now, maxEntries: maxSeenSignatures });
  const discovery = createDiscovery({ fetch: surroundings.egress, keys, now, identifiers });
  const waiter = await createWaiter(database, enrolmentEndedChannel);
  const pace = createPollPace({ now, maxRemembered: maxPacedEnrolments });

  const signing = (fetch: typeof globalThis.fetch) =>
    createServerFetch({
      fetch,
      identifier: issuer,
      dwk: metadataDocuments.agentProvider,
      key: async () => (await signingKeys.active()).key,
      now,
    });
  const send = createPersonServerEvents({ personServer, fetch: signing(surroundings.fetch) });
  const delivery = createEventDelivery({ db, now, send, log });
  await database.listen(outboxChannel, () => delivery.wake());
  delivery.wake();

  const recipients = recipientsOf(personServer, config.revocationRecipients);
  const sendRevocation = createRevocationSender({
    fetch: signing(surroundings.admittedFetch),
    discovery,
    identifiers,
    now,
  });
  const revocations = createRevocationDelivery({ db, now, log, recipients, send: sendRevocation });
  await database.listen(revocationChannel, () => revocations.wake());
  revocations.wake();
  const revokeAgent = createRevocation({ db, now, sleep, log, recipients, delivery: revocations });

  const maintain = createMaintenance({ db, now, log, signingKeys, replay });
  const stopMaintenance = startInterval(async () => {
    await maintain();
    delivery.wake();
    revocations.wake();
  }, log);

  const signatureCheck = { issuer, keys, now };
  const app = createApp({
    log,
    checks: {
      limitBody,
      verifyBothKeys: verifyBothKeys(signatureCheck),
      verifyPersonServer: verifyPersonServer({ ...signatureCheck, personServer, discovery, identifiers }),
      refuseReplay: refuseReplay(replay, db),
      refuseReplayedChange: refuseReplayedChange(replay),
      verifyOperator: verifyOperator(config.operatorToken),
    },
    handlers: {
      metadata: metadataHandler({ issuer, name: config.name, allowLoopback: identifiers.allowLoopback }),
      jwks: jwksHandler(signingKeys),
      register: registerHandler({
        db,
        now,
        log,
        personServer,
        identifiers,
        limits: config.enrolmentLimits,
        enrolmentLifetime: config.enrolmentLifetime,
        issueToken,
      }),
      poll: pollHandler({ db, now, log, waiter, pace, issueToken }),
      refresh: refreshHandler({ db, issueToken }),
      rotate: rotateHandler(signingKeys),
    },
    registrations: registrationRoutes({ db, now, personServer, decisions }),
    bindings: bindingRoutes({ db, revokeAgent }),
    health: {
      healthz: { database: database.ping },
      readyz: { signing_key: async () => void (await signingKeys.active()) },
    },
  });

  async function drain(): Promise<void> {
    stopMaintenance();
    waiter.close();
    await Promise.all([delivery.close(), revocations.close()]);
  }

  return {
    fetch: app.fetch,
    maintain,
    deliverEvents: delivery.deliverDue,
    deliverRevocations: revocations.deliverDue,
    drain,
    async close() {
      await drain();
      await database.close();
    },
  };
}
