import { createServerFetch } from '@aauth-stack/aauth/agent';
import type { Clock, Sleep } from '@aauth-stack/aauth/clock';
import { createDiscovery, type EgressFetch } from '@aauth-stack/aauth/discovery';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { openDatabase } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import { createAgentProvider } from './agent-providers/agent-provider.ts';
import { recordAgentProvider } from './agent-providers/changes.ts';
import { providerName } from './agent-providers/provider-name.ts';
import { receiveEvent } from './agent-providers/receive-event.ts';
import { createReconciliation } from './agent-providers/reconciliation.ts';
import { createSeenSignatures } from './agent-providers/seen-signatures.ts';
import { trustedAgentServers } from './agent-providers/trusted.ts';
import { verifyAgentProvider } from './agent-providers/verify-agent-provider.ts';
import { createAgents } from './agents/agents.ts';
import { listBindings, revokeBinding } from './agents/routes.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { migrationsFolder } from './db/database.ts';
import * as schema from './db/schema.ts';
import { createDecisionStore } from './decisions/decision-store.ts';
import { createEnrolments } from './enrolments/enrolments.ts';
import { approveRegistration, denyRegistration, listRegistrations } from './enrolments/routes.ts';
import { jwks } from './keys/routes.ts';
import { loadSigningKey, publishedKeys } from './keys/signing-keys.ts';
import { limitBody } from './limit-body.ts';
import { metadata, noTokensIssued } from './metadata/routes.ts';
import { loadPerson } from './people/load-person.ts';
import { loadAssets } from './portal/assets.ts';
import { ownAddress } from './portal/own-address.ts';
import { pageErrors } from './portal/page-errors.ts';
import { approveForm, changes, denyForm, page, revokeForm } from './portal/routes.ts';
import { noStore, securityHeaders } from './portal/security-headers.ts';
import { checkCsrfToken } from './session/check-csrf-token.ts';
import { checkOrigin } from './session/check-origin.ts';
import { checkSession } from './session/check-session.ts';
import { loadPortalToken } from './session/load-portal-token.ts';
import { loadSession } from './session/load-session.ts';
import { signIn, signOut } from './session/routes.ts';
import { createSessionCookie } from './session/session-cookie.ts';
import { createSessionStore } from './session/session-store.ts';
import { createSignInLimit } from './session/sign-in-limit.ts';

/** What the server needs from outside. */
export interface Surroundings {
  now: Clock;
  sleep: Sleep;
  keys: KeyBackend;
  /** Reaches the configured Agent Provider. */
  fetch: typeof fetch;
  /** Fetches the Agent Provider's metadata and keys. */
  egress: EgressFetch;
  log: Logger;
  /** Shows a line to whoever starts the server; the only way the portal token made at random leaves the process. */
  announce: (line: string) => void;
}

export interface PersonServer {
  fetch: ReturnType<typeof createApp>['fetch'];
  /** Lists the agents at the Agent Provider, now and then in the background until that succeeds. Call it when requests are served. */
  start(): void;
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
  const signingKey = await loadSigningKey({ db, keys, now, log });
  const portalToken = await loadPortalToken({ db, personId, configured: config.portalToken, now, log, announce });
  await recordAgentProvider(db, agentProvider, now);

  const discovery = createDiscovery({ fetch: egress, keys, now, identifiers });
  const signedFetch = createServerFetch({
    fetch: surroundings.fetch,
    identifier: issuer,
    dwk: metadataDocuments.personServer,
    key: signingKey,
    now,
    sleep,
  });
  const provider = createAgentProvider({
    issuer: agentProvider,
    fetch: signedFetch,
    onUnreachable: () => reconciliation.request(),
  });
  const reconciliation = createReconciliation({ provider, db, now, sleep, log });
  const decisions = createDecisionStore({ db, now });
  const enrolments = createEnrolments({ db, provider, decisions, now, log });
  const agents = createAgents({ db, provider, decisions, log });

  const cookie = createSessionCookie(issuer, sessionLifetime);
  const store = createSessionStore({ db, portalToken, lifetime: sessionLifetime, now });
  const session = { personId, cookie, store, portalToken, limit: createSignInLimit({ db, now }), log };
  const assets = loadAssets();
  const name = () => providerName(discovery, agentProvider);
  const overview = { db, agents, enrolments, decisions, agentProvider, providerName: name };
  const seen = createSeenSignatures({ db, now });

  const app = createApp({
    log,
    securityHeaders: securityHeaders(issuer),
    steps: {
      noStore,
      pageErrors: pageErrors(assets.urls),
      ownAddress: ownAddress(issuer),
      limitBody,
      loadSession: loadSession(session),
      checkSession,
      checkOrigin: checkOrigin(issuer),
      checkCsrfToken,
      verifyAgentProvider: verifyAgentProvider({
        origin: issuer,
        agentProvider,
        discovery,
        identifiers,
        keys,
        seen,
        now,
      }),
    },
    handlers: {
      metadata: metadata({ issuer }),
      jwks: jwks({ db }),
      noTokensIssued,
      assets: assets.serve,
      listRegistrations: listRegistrations(enrolments, provider),
      approveRegistration: approveRegistration(enrolments),
      denyRegistration: denyRegistration(enrolments),
      listBindings: listBindings(agents, provider),
      revokeBinding: revokeBinding(agents),
      trustedAgentServers: trustedAgentServers({ db, own: agentProvider, discovery, egress, identifiers }),
      changes: changes(db),
      page: page({ ...overview, assets: assets.urls, now }),
      signIn: signIn(session),
      signOut: signOut(session),
      approveForm: approveForm(enrolments),
      denyForm: denyForm(enrolments),
      revokeForm: revokeForm(agents),
      receiveEvent: receiveEvent({ db, issuer: agentProvider, reconciliation, log }),
    },
    health: {
      healthz: { database: database.ping },
      readyz: { signing_key: async () => checkPublished(await publishedKeys(db)) },
    },
  });

  return {
    fetch: app.fetch,
    start: () => reconciliation.request(),
    close: async () => {
      await reconciliation.stop();
      await database.close();
    },
  };
}

function checkPublished(keys: readonly unknown[]): void {
  if (keys.length === 0) throw new Error('no signing key is published');
}
