import { pendingResponse } from '@aauth-stack/aauth/deferred';
import type { EnrolmentRow } from './storage.ts';

/** Seconds between two polls of an agent that does not ask to wait. */
const retryAfterSeconds = 2;

/** The 202 that an agent gets while the person has not decided (AAuth Protocol, "Deferred responses"). */
export function enrolmentPending(enrolment: EnrolmentRow): Response {
  const { status, headers, body } = pendingResponse({
    location: `/register/pending/${enrolment.id}`,
    retryAfter: retryAfterSeconds,
    members: { expires_at: new Date(enrolment.expiresAt * 1000).toISOString() },
  });
  return new Response(body, { status, headers });
}
