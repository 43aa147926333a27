import type { Clock } from '@aauth-stack/aauth/clock';
import { type PollPace, parsePrefer } from '@aauth-stack/aauth/deferred';
import { DeferredError, RequestError } from '@aauth-stack/aauth/errors';
import type { Waiter } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import type { Handler } from 'hono';
import type { IssuedAgentToken, IssueToken } from '../agents/issuance.ts';
import type { KeyProof, ProviderEnv } from '../checks/env.ts';
import type { Queries } from '../db/queries.ts';
import { expireOverdue } from './expiry.ts';
import { enrolmentPending } from './pending-response.ts';
import { conclude, type EnrolmentRow, findEnrolment } from './storage.ts';

/** The longest a poll is held, in seconds; proxies in front cut idle requests after 30 to 60. */
const maxWaitSeconds = 25;

export interface PollOptions {
  db: Queries;
  now: Clock;
  log: Logger;
  waiter: Waiter;
  pace: PollPace;
  issueToken: IssueToken;
}

const endings = {
  denied: 'The person has denied this enrolment.',
  expired: 'Nobody has decided this enrolment in time; ask again with POST /register.',
  revoked: 'The agent was revoked before it collected its first token.',
} as const;

/** `GET /register/pending/{id}`: the state of an enrolment, for the holder of its stable key. Its end is told once. */
export function pollHandler(options: PollOptions): Handler<ProviderEnv, '/register/pending/:id'> {
  const { waiter, pace, log } = options;
  return async function poll(c) {
    const proof = c.get('keyProof');
    const id = c.req.param('id');
    const first = await loadEnrolment(options, id, proof);
    pace.check(id);
    const seconds = Math.min(parsePrefer(c.req.header('prefer')) ?? 0, maxWaitSeconds);
    const readEnded = async () => {
      const enrolment = await loadEnrolment(options, id, proof);
      return enrolment.status === 'pending' ? undefined : enrolment;
    };
    if (first.status === 'pending' && seconds > 0)
      log.debug({ enrolment: id, seconds }, `poll of ${c.req.path} is held`);
    const ended = await waiter.until(id, readEnded, { timeoutMs: seconds * 1000, signal: c.req.raw.signal });
    if (ended) return c.json(await collect(options, ended, proof), 200, { 'cache-control': 'no-store' });
    pace.note(id);
    return enrolmentPending(first);
  };
}

/** An enrolment of another key is as unknown as one that does not exist. */
async function loadEnrolment({ db, now, log }: PollOptions, id: string, proof: KeyProof): Promise<EnrolmentRow> {
  const read = async () => {
    const row = await findEnrolment(db, id);
    if (row?.stableJkt === proof.stableJkt) return row;
    throw new RequestError('not_found', 'There is no such enrolment for this stable key.', { status: 404 });
  };
  const enrolment = await read();
  if (enrolment.status !== 'pending' || enrolment.expiresAt > now()) return enrolment;
  await expireOverdue({ db, now: now(), log });
  return read();
}

async function collect(options: PollOptions, enrolment: EnrolmentRow, proof: KeyProof): Promise<IssuedAgentToken> {
  const { db, now, log, issueToken } = options;
  const { id, status, agentId } = enrolment;
  if (status === 'approved' && agentId !== null && enrolment.concludedAt === null) {
    return db.transaction(async (tx) => {
      // The agent's row first, as in a revocation, so that the two never wait for each other.
      const issued = await issueToken(tx, agentId, proof);
      if (!(await conclude(tx, id, status, now()))) throw gone();
      return issued;
    });
  }
  if (status === 'pending' || status === 'approved' || !(await conclude(db, id, status, now()))) throw gone();
  log.info({ enrolment: id, outcome: status }, `told the agent that enrolment ${id} is ${status}`);
  throw new DeferredError(status, endings[status]);
}

function gone(): DeferredError {
  return new DeferredError('gone', 'The result of this enrolment has been collected.');
}
