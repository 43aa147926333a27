import type { AgentProvider } from '../agent-providers/agent-provider.ts';
import type { AppContext } from '../environment.ts';
import { currentSession } from '../session/person-session.ts';
import { enrolmentId } from './enrolment-id.ts';
import type { Enrolments } from './enrolments.ts';

/** GET /person/registrations */
export function listRegistrations(enrolments: Enrolments, provider: AgentProvider) {
  return async (c: AppContext) => {
    const pending = await enrolments.pending();
    return c.json(pending.map((registration) => ({ ...registration, agent_provider: provider.issuer })));
  };
}

/** POST /person/registrations/{id}/approve */
export function approveRegistration(enrolments: Enrolments) {
  return async (c: AppContext) => {
    return c.json(await enrolments.approve(currentSession(c), enrolmentId(c)));
  };
}

/** POST /person/registrations/{id}/deny */
export function denyRegistration(enrolments: Enrolments) {
  return async (c: AppContext) => {
    await enrolments.deny(currentSession(c), enrolmentId(c));
    return c.json({});
  };
}
