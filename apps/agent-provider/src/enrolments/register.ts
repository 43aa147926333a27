import type { Clock } from '@aauth-stack/aauth/clock';
import type { IdentifierPolicy, ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { thumbprintUri } from '@aauth-stack/aauth/keys';
import type { Logger } from '@aauth-stack/service/logger';
import type { Handler } from 'hono';
import { agentRevoked, type IssueToken } from '../agents/issuance.ts';
import { type AgentRow, findAgentByStableKey } from '../agents/storage.ts';
import { parseJsonBody } from '../checks/body.ts';
import type { KeyProof, ProviderEnv } from '../checks/env.ts';
import type { Queries } from '../db/queries.ts';
import { enqueueEvent } from '../events/outbox.ts';
import { type EnrolmentRequest, parseEnrolmentRequest } from './enrolment-request.ts';
import { expireOverdue } from './expiry.ts';
import { checkEnrolmentLimits, type EnrolmentLimits } from './limits.ts';
import { enrolmentPending } from './pending-response.ts';
import { type EnrolmentRow, findPendingByKey, insertEnrolment, lockEnrolments } from './storage.ts';

export interface RegistrationOptions {
  db: Queries;
  now: Clock;
  log: Logger;
  personServer: ServerIdentifier;
  identifiers: IdentifierPolicy;
  limits: EnrolmentLimits;
  /** Seconds an enrolment waits for the person. */
  enrolmentLifetime: number;
  issueToken: IssueToken;
}

type Opened = { agent: AgentRow } | { enrolment: EnrolmentRow; isNew: boolean };

/**
 * `POST /register`: a stable key that has an agent gets that agent's next token, whatever name it gives now; any other
 * waits for the person's decision. Asking again while waiting leads to the same enrolment.
 */
export function registerHandler(options: RegistrationOptions): Handler<ProviderEnv> {
  const { db, personServer, identifiers, issueToken, log } = options;
  return async function register(c) {
    const proof = c.get('keyProof');
    const request = parseEnrolmentRequest(await parseJsonBody(c), { personServer, identifiers });
    const opened = await openEnrolment(options, request, proof);
    if ('agent' in opened) {
      const { agentId, revokedAt } = opened.agent;
      if (revokedAt !== null) throw agentRevoked(agentId);
      const issued = await db.transaction((tx) => issueToken(tx, agentId, proof));
      return c.json(issued, 200, { 'cache-control': 'no-store' });
    }
    if (opened.isNew) {
      log.info(
        { enrolment: opened.enrolment.id, agent_name: request.agentName, stable_jkt: thumbprintUri(proof.stableJkt) },
        `enrolment ${opened.enrolment.id} of "${request.agentName}" waits for the person`,
      );
    }
    return enrolmentPending(opened.enrolment);
  };
}

async function openEnrolment(
  options: RegistrationOptions,
  request: EnrolmentRequest,
  proof: KeyProof,
): Promise<Opened> {
  const { db, limits, enrolmentLifetime, log } = options;
  const known = await findAgentByStableKey(db, proof.stableJkt);
  if (known) return { agent: known };
  const now = options.now();
  await expireOverdue({ db, now, log });
  return db.transaction(async (tx): Promise<Opened> => {
    await lockEnrolments(tx);
    // Approved since we looked: the lock makes this answer final.
    const agent = await findAgentByStableKey(tx, proof.stableJkt);
    if (agent) return { agent };
    const pending = await findPendingByKey(tx, proof.stableJkt, now);
    if (pending) return { enrolment: pending, isNew: false };
    await checkEnrolmentLimits(tx, limits, now);
    const enrolment = await insertEnrolment(tx, {
      stableJkt: proof.stableJkt,
      ...request,
      createdAt: now,
      expiresAt: now + enrolmentLifetime,
    });
    await enqueueEvent(tx, { event: 'registration.created', subject: enrolment.id, now });
    return { enrolment, isNew: true };
  });
}
