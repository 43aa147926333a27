import { RequestError } from '@aauth-stack/aauth/errors';
import type { AgentProvider } from '../agent-providers/agent-provider.ts';
import type { Approved, Registration } from '../agent-providers/wire.ts';
import { recordOwner, recordProfile } from '../agents/ownership.ts';
import { toDate } from '../db/dates.ts';
import { type CarryOutOptions, carryOut } from '../decisions/carry-out.ts';
import type { PersonSession } from '../session/person-session.ts';

export interface EnrolmentsOptions extends CarryOutOptions {
  provider: AgentProvider;
}

/** Agents that wait for the person. */
export interface Enrolments {
  pending(): Promise<Registration[]>;
  /** @throws RequestError 404 | 409; UnavailableError */
  approve(session: PersonSession, id: string): Promise<Approved>;
  /** @throws as `approve` */
  deny(session: PersonSession, id: string): Promise<void>;
}

export function createEnrolments(options: EnrolmentsOptions): Enrolments {
  const { db, provider, now } = options;

  const subjectOf = async (id: string) => {
    const registration = (await provider.registrations()).find((candidate) => candidate.id === id);
    return { agentProvider: provider.issuer, enrolmentId: id, agentName: registration?.agent_name };
  };

  return {
    pending: () => provider.registrations(),

    approve: async (session, id) => {
      const act = async () => {
        const approved = await provider.approve(id, session.personId);
        const owner = await recordOwner(db, {
          agentProvider: provider.issuer,
          agentId: approved.agent_id,
          personId: session.personId,
          approvedAt: toDate(now()),
        });
        if (owner === session.personId) {
          const { agent_id: agentId, agent_name: name } = approved;
          await recordProfile(db, { agentProvider: provider.issuer, agentId, name });
          return approved;
        }
        throw new RequestError('conflict', 'This agent belongs to another person, who approved it before.', {
          status: 409,
        });
      };
      const decision = { kind: 'enrolment-approved', ...(await subjectOf(id)) } as const;
      return carryOut(options, session, decision, act, (approved) => ({ agentId: approved.agent_id }));
    },

    deny: async (session, id) => {
      const decision = { kind: 'enrolment-denied', ...(await subjectOf(id)) } as const;
      await carryOut(options, session, decision, () => provider.deny(id));
    },
  };
}
