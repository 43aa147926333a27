import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { AgentIdentifier, ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, currentSpan, spanEvent } from '@aauth-stack/telemetry';
import { newAgentIdentifier } from '../agents/agent-identifier.ts';
import { findAgent, insertAgent, insertAgentKey } from '../agents/storage.ts';
import type { Queries } from '../db/queries.ts';
import type { EnrolmentStatus } from '../db/schema.ts';
import { enqueueEvent } from '../events/outbox.ts';
import { announceEnd } from './announcement.ts';
import { decidePending, type EnrolmentRow, findEnrolment, lockEnrolments, setEnrolledAgent } from './storage.ts';

/** What the person decides about an enrolment. Deciding the same again is answered the same; anything else is 409. */
export interface Decisions {
  approve(id: string, personId: string): Promise<{ agentId: string; agentName: string }>;
  deny(id: string): Promise<void>;
}

const identifierAttempts = 5;

export function createDecisions(options: {
  db: Queries;
  issuer: ServerIdentifier;
  now: Clock;
  log: Logger;
}): Decisions {
  const { db, issuer, now, log } = options;

  return {
    async approve(id, personId) {
      const approved = await db.transaction(async (tx) => {
        await lockEnrolments(tx);
        const decidedAt = now();
        const enrolment = await decidePending(tx, id, 'approved', decidedAt);
        if (!enrolment) return undefined;
        const agentId = await createAgent(tx, { enrolment, personId, issuer, now: decidedAt });
        await setEnrolledAgent(tx, id, agentId);
        await announceEnd(tx, id);
        await enqueueEvent(tx, { event: 'registration.approved', subject: id, now: decidedAt });
        return { agentId, enrolment };
      });
      if (approved) {
        const { agentId, enrolment } = approved;
        log.info(
          {
            enrolment: id,
            agent: agentId,
            agent_name: enrolment.agentName,
            person: personId,
            stable_jkt: enrolment.stableJkt,
          },
          `approved enrolment ${id} of "${enrolment.agentName}" as ${agentId}`,
        );
        currentSpan()?.addEvent(spanEvent.decision, { [attribute.result]: 'approved', [attribute.agent]: agentId });
        return { agentId, agentName: enrolment.agentName };
      }
      const agent = await approvedBefore(db, id, personId, now());
      return { agentId: agent.agentId, agentName: agent.agentName };
    },

    async deny(id) {
      const denied = await db.transaction(async (tx) => {
        const decidedAt = now();
        const enrolment = await decidePending(tx, id, 'denied', decidedAt);
        if (!enrolment) return undefined;
        await announceEnd(tx, id);
        await enqueueEvent(tx, { event: 'registration.denied', subject: id, now: decidedAt });
        return enrolment;
      });
      if (denied) {
        log.info(
          { enrolment: id, agent_name: denied.agentName, stable_jkt: denied.stableJkt },
          `denied enrolment ${id} of "${denied.agentName}"`,
        );
        currentSpan()?.addEvent(spanEvent.decision, { [attribute.result]: 'denied' });
        return;
      }
      const enrolment = await decidedBefore(db, id);
      if (enrolment.status !== 'denied') throw alreadyDecided(enrolment, now());
    },
  };
}

async function createAgent(
  tx: Queries,
  {
    enrolment,
    personId,
    issuer,
    now,
  }: { enrolment: EnrolmentRow; personId: string; issuer: ServerIdentifier; now: number },
): Promise<AgentIdentifier> {
  const { agentName, callback, stableJkt } = enrolment;
  for (let attempt = 0; attempt < identifierAttempts; attempt += 1) {
    const agentId = newAgentIdentifier(agentName, issuer);
    if (await insertAgent(tx, { agentId, agentName, personId, callback, createdAt: now })) {
      await insertAgentKey(tx, agentId, stableJkt, now);
      return agentId;
    }
  }
  throw new Error(`no free identifier for "${agentName}" in ${identifierAttempts} attempts`);
}

async function approvedBefore(db: Queries, id: string, personId: string, now: number) {
  const enrolment = await decidedBefore(db, id);
  const agent = enrolment.agentId === null ? undefined : await findAgent(db, enrolment.agentId);
  if (enrolment.status !== 'approved' || !agent || agent.personId !== personId) throw alreadyDecided(enrolment, now);
  return agent;
}

async function decidedBefore(db: Queries, id: string): Promise<EnrolmentRow> {
  const enrolment = await findEnrolment(db, id);
  if (!enrolment) throw new RequestError('not_found', `There is no enrolment ${id}.`, { status: 404 });
  return enrolment;
}

function alreadyDecided(enrolment: EnrolmentRow, now: number): RequestError {
  const isOverdue = enrolment.status === 'pending' && enrolment.expiresAt <= now;
  const status: EnrolmentStatus = isOverdue ? 'expired' : enrolment.status;
  return new RequestError('already_decided', `Enrolment ${enrolment.id} is ${status} already; nothing was changed.`, {
    status: 409,
    members: { registration_status: status },
  });
}
