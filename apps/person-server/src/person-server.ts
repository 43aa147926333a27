import { createRevocationSender, createServerFetch } from '@aauth-stack/aauth/agent';
import type { Clock, Sleep } from '@aauth-stack/aauth/clock';
import { createDiscovery, type EgressFetch } from '@aauth-stack/aauth/discovery';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { createWaiter, openDatabase } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import { listActivity } from './activity/routes.ts';
import { createAgentProvider } from './agent-providers/agent-provider.ts';
import { receiveEvent } from './agent-providers/receive-event.ts';
import { createReconciliation } from './agent-providers/reconciliation.ts';
import { recordAgentProvider } from './agent-providers/record-provider.ts';
import { createSeenSignatures } from './agent-providers/seen-signatures.ts';
import { createTrust } from './agent-providers/trust.ts';
import { createTrustDecisions } from './agent-providers/trust-decisions.ts';
import { addTrusted, listTrusted, removeTrusted } from './agent-providers/trusted.ts';
import { verifyAgentProvider } from './agent-providers/verify-agent-provider.ts';
import { createAgents } from './agents/agents.ts';
import { listBindings, revokeBinding } from './agents/routes.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { listConsents, withdrawConsent } from './consent/consent-list.ts';
import { createDecisions } from './consent/decide.ts';
import { createParties } from './consent/parties.ts';
import { createRequestView } from './consent/request-view.ts';
import { decideRequest, listRequests, showRequest } from './consent/routes.ts';
import { migrationsFolder } from './db/database.ts';
import * as schema from './db/schema.ts';
import { createEnrolments } from './enrolments/enrolments.ts';
import { approveRegistration, denyRegistration, listRegistrations } from './enrolments/routes.ts';
import { createChangeFeed } from './events/change-feed.ts';
import { changes, createEventStreams } from './events/routes.ts';
import { loadInteractionCodes } from './interaction/interaction-code.ts';
import { returnFromResource } from './interaction/resource-interaction.ts';
import { openByCode } from './interaction/routes.ts';
import { createWrongCodes } from './interaction/wrong-codes.ts';
import { jwks, rotateKey } from './keys/routes.ts';
import { createSigningKeys } from './keys/signing-keys.ts';
import { limitBody } from './limit-body.ts';
import { createMaintenance, startInterval } from './maintenance.ts';
import { serverName } from './metadata/document.ts';
import { metadata, serverInfo } from './metadata/routes.ts';
import { verifyOperator } from './operator/verify-operator.ts';
import { pendingChannel } from './pending/pending-requests.ts';
import { loadPerson } from './people/load-person.ts';
import { ownAddress } from './portal/own-address.ts';
import { createPortalRoutes } from './portal/routes.ts';
import { keepOpener, noStore, securityHeaders } from './portal/security-headers.ts';
import { createResourceCatalogue } from './resources/catalogue.ts';
import { listResources } from './resources/routes.ts';
import { acceptedIssuers } from './revocation/accepted-issuers.ts';
import { createNoticeDelivery } from './revocation/delivery.ts';
import { revocation } from './revocation/endpoint.ts';
import { createRevocations } from './revocation/revocations.ts';
import { checkCsrfToken } from './session/check-csrf-token.ts';
import { checkOrigin } from './session/check-origin.ts';
import { checkSession } from './session/check-session.ts';
import { loadPortalToken } from './session/load-portal-token.ts';
import { loadSession } from './session/load-session.ts';
import { endSession, endSessions, getSession, listSessions, signIn, signOut } from './session/routes.ts';
import { createSessionCookie } from './session/session-cookie.ts';
import { createSessionStore } from './session/session-store.ts';
import { createSignInLimit } from './session/sign-in-limit.ts';
import { changeSettings, getSettings } from './settings/routes.ts';
import { createSettings } from './settings/settings.ts';
import { createTokenParts } from './token-parts.ts';
import { listIssuedTokens, revokeIssuedToken } from './tokens/routes.ts';
import { createTokenDecisions } from './tokens/token-decisions.ts';

/** What the server needs from outside. */
export interface Surroundings {
  now: Clock;
  sleep: Sleep;
  keys: KeyBackend;
  /** Reaches the configured Agent Provider. */
  fetch: typeof fetch;
  /** Reaches the endpoints that other servers publish, under egress admission. */
  admittedFetch: typeof fetch;
  /** Fetches metadata and keys of other servers. */
  egress: EgressFetch;
  log: Logger;
  /** Folder of the built portal. */
  portal: string;
  /** Shows a line to whoever starts the server; the only way the portal token made at random leaves the process. */
  announce: (line: string) => void;
}

export interface PersonServer {
  fetch: ReturnType<typeof createApp>['fetch'];
  /**
   * Lists the agents at the Agent Provider, now and then in the background until that succeeds, and tells resources what is
   * waiting. Call it when requests are served.
   */
  start(): void;
  /** What otherwise happens every 30 seconds. */
  maintain(): Promise<void>;
  /** Answers the polls that are held and ends the streams, so that the server can stop. */
  drain(): void;
  close(): Promise<void>;
}

/** Opens the database and puts the server together. Any number of them work on one database. */
export async function createPersonServer(config: Config, surroundings: Surroundings): Promise<PersonServer> {
  const { issuer, agentProvider, identifiers, sessionLifetime } = config;
  const { now, sleep, keys, egress, log, announce } = surroundings;
  const database = await openDatabase({
    url: config.databaseUrl,
    schema,
    migrationsFolder,
    applicationName: 'person-server',
    log,
  });
  const { db } = database;

  const personId = await loadPerson({ db, now });
  const signingKeys = createSigningKeys({ db, keys, now, log });
  await signingKeys.createFirst();
  const portalToken = await loadPortalToken({ db, personId, configured: config.portalToken, now, log, announce });
  await recordAgentProvider(db, agentProvider, now);

  const codes = await loadInteractionCodes(db);
  const waiter = await createWaiter(database, pendingChannel);
  const discovery = createDiscovery({ fetch: egress, keys, now, identifiers });
  const signedFetch = (fetch: typeof globalThis.fetch) =>
    createServerFetch({
      fetch,
      identifier: issuer,
      dwk: metadataDocuments.personServer,
      key: async () => (await signingKeys.active()).key,
      now,
      sleep,
    });
  const provider = createAgentProvider({
    issuer: agentProvider,
    fetch: signedFetch(surroundings.fetch),
    onUnreachable: () => reconciliation.request(),
  });
  const send = createRevocationSender({
    fetch: signedFetch(surroundings.admittedFetch),
    discovery,
    identifiers,
    now,
    timeout: 3,
  });
  const notices = createNoticeDelivery({ db, now, log, identifiers, send });
  const revocations = createRevocations({ db, now, log, tellResources: notices.deliver });
  const reconciliation = createReconciliation({ provider, db, now, sleep, log, revocations });

  const trust = createTrust({ db, own: agentProvider, now });
  const carriedOut = { db, now, log };
  const published = { discovery, egress, identifiers };
  const trustDecisions = createTrustDecisions({ ...carriedOut, ...published, trust, revocations });
  const tokenDecisions = createTokenDecisions({ ...carriedOut, revocations });
  const enrolments = createEnrolments({ ...carriedOut, provider });
  const agents = createAgents({ ...carriedOut, provider, revocations });

  const consentDecisions = createDecisions({ db, identifiers, now, log });
  const parties = createParties({ discovery, identifiers, now });
  const viewRequest = createRequestView({ db, issuer, codes, parties, tokenLifetime: config.tokenLifetime, now });
  const wrongCodes = createWrongCodes({ db, now, log });
  const consentRoutes = { db, viewRequest, now };

  const cookie = createSessionCookie(issuer, sessionLifetime);
  const store = createSessionStore({ db, portalToken, lifetime: sessionLifetime, now });
  const session = {
    issuer,
    name: serverName,
    personId,
    cookie,
    store,
    lifetime: sessionLifetime,
    portalToken,
    limit: createSignInLimit({ db, now }),
    now,
    log,
  };
  const settings = createSettings({ db, defaults: config.consent, now });
  const settingsRoutes = { settings, tokenLifetime: config.tokenLifetime, sessionLifetime };
  const catalogue = createResourceCatalogue({ db, discovery, identifiers, now, log });
  const described = { db, catalogue, now };
  const feed = await createChangeFeed(database);
  const streams = createEventStreams({ feed, store, now, sleep, log });
  const portal = createPortalRoutes({ folder: surroundings.portal, log });
  const seen = createSeenSignatures({ db, now });
  const verification = { discovery, identifiers, keys, now };
  const trusted = { ...published, db, own: agentProvider, trust, trustDecisions };

  const maintain = createMaintenance({ db, now, signingKeys });
  const stopMaintenance = startInterval(async () => {
    await maintain();
    notices.wake();
  }, log);

  const app = createApp({
    log,
    securityHeaders: securityHeaders(issuer),
    portal: { ownAddress: ownAddress(issuer), keepOpener, ...portal },
    steps: {
      noStore,
      limitBody,
      loadSession: loadSession(session),
      checkSession,
      checkOrigin: checkOrigin(issuer),
      checkCsrfToken,
      verifyAgentProvider: verifyAgentProvider({ ...verification, origin: issuer, agentProvider, seen }),
      verifyOperator: verifyOperator(config.operatorToken),
    },
    handlers: {
      metadata: metadata({ issuer }),
      jwks: jwks({ db, now }),
      revocation: revocation({
        ...verification,
        identifier: issuer,
        accepted: acceptedIssuers({ db, trust }),
        store: revocations,
        log,
      }),
      listRegistrations: listRegistrations(enrolments, provider),
      approveRegistration: approveRegistration(enrolments),
      denyRegistration: denyRegistration(enrolments),
      listBindings: listBindings(agents),
      revokeBinding: revokeBinding(agents),
      listTrusted: listTrusted(trusted),
      addTrusted: addTrusted(trusted),
      removeTrusted: removeTrusted(trusted),
      listIssuedTokens: listIssuedTokens(described),
      revokeIssuedToken: revokeIssuedToken(tokenDecisions),
      listRequests: listRequests(consentRoutes),
      listConsents: listConsents({ db, parties, now }),
      withdrawConsent: withdrawConsent(revocations),
      openByCode: openByCode({ ...consentRoutes, discovery, identifiers, codes, wrongCodes, log }),
      returnFromResource: returnFromResource({ db, codes, now, log }),
      showRequest: showRequest(consentRoutes),
      decideRequest: decideRequest(consentDecisions, consentRoutes),
      listActivity: listActivity(described),
      getSettings: getSettings(settingsRoutes),
      changeSettings: changeSettings(settingsRoutes),
      listResources: listResources(described),
      serverInfo: serverInfo({ db, issuer }),
      getSession: getSession(session),
      signIn: signIn(session),
      signOut: signOut(session),
      listSessions: listSessions(session),
      endSession: endSession(session),
      endSessions: endSessions(session),
      changes: changes(feed),
      events: streams.events,
      receiveEvent: receiveEvent({ db, issuer: agentProvider, reconciliation, log }),
      rotateKey: rotateKey(signingKeys),
    },
    tokens: await createTokenParts({
      config,
      db,
      trust,
      revocations,
      settings,
      reconciliation,
      signingKeys,
      discovery,
      keys,
      codes,
      waiter,
      seen,
      now,
      log,
    }),
    health: {
      healthz: { database: database.ping },
      readyz: { signing_key: async () => void (await signingKeys.active()) },
    },
  });

  const drain = () => {
    waiter.close();
    streams.close();
  };

  return {
    fetch: app.fetch,
    start: () => {
      reconciliation.request();
      notices.wake();
    },
    maintain,
    drain,
    close: async () => {
      stopMaintenance();
      drain();
      feed.close();
      await reconciliation.stop();
      await notices.close();
      await catalogue.close();
      await database.close();
    },
  };
}
