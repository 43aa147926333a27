import { randomUUID } from 'node:crypto';
import { tokenTypes } from '@aauth-stack/aauth/tokens';
import { and, arrayContained, desc, eq, gt, isNotNull, isNull, or, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { consents } from '../db/schema.ts';
import type { TokenQuestion } from '../tokens/question.ts';
import type { GrantReason } from './policy.ts';

/** What the person agreed to once, as it is kept. */
export type ConsentRecord = typeof consents.$inferSelect;

/** A consent that answers a question. */
export interface StandingConsent {
  readonly id: string;
  /** What it grants of what is asked for. */
  readonly scope: readonly string[];
  readonly reason: Extract<GrantReason, 'consent' | 'remembered-consent'>;
  /** Whether answering uses it up. */
  readonly once: boolean;
  /** The request that the person answered. */
  readonly pendingId: string;
}

/** What a consent has to be about. */
export type ConsentQuestion = Pick<TokenQuestion, 'type' | 'resource' | 'scope' | 'account'> & {
  readonly agent: Pick<TokenQuestion['agent'], 'provider' | 'id'>;
};

/**
 * The consent on record that answers a question, if there is one: what the person let stand before what they allowed once.
 * Whoever may do something at a resource may also be known there as the person's agent, so any consent answers for a person token.
 *
 * @param remembered whether what was to be remembered counts
 */
export async function findConsent(
  db: Database,
  question: ConsentQuestion,
  personId: string,
  { time, remembered }: { time: number; remembered: boolean },
): Promise<StandingConsent | undefined> {
  const { agent, resource, type, account } = question;
  const rows = await db
    .select()
    .from(consents)
    .where(
      and(
        eq(consents.personId, personId),
        eq(consents.agentProvider, agent.provider),
        eq(consents.agentId, agent.id),
        eq(consents.resource, resource),
        isNull(consents.withdrawnAt),
        or(eq(consents.remembered, true), and(isNull(consents.lastUsedAt), gt(consents.validUntil, toDate(time)))),
      ),
    )
    .orderBy(desc(consents.givenAt));
  const [standing, once] = [rows.filter((row) => row.remembered), rows.filter((row) => !row.remembered)];
  const candidates = [...(remembered ? standing : []), ...once];
  if (type === tokenTypes.person) return answerForPersonToken(candidates);
  const fitting = candidates.filter((row) => row.type === type && row.account === (account ?? null));
  return answerForScopes(fitting, question.scope);
}

function answerForPersonToken(candidates: readonly ConsentRecord[]): StandingConsent | undefined {
  // What allows more is not used up by less.
  const [found] = candidates.toSorted((a, b) => Number(isUsedUp(a)) - Number(isUsedUp(b)));
  return found && answer(found, [], isUsedUp(found));
}

const isUsedUp = (row: ConsentRecord) => !row.remembered && row.type === tokenTypes.person;

function answerForScopes(candidates: readonly ConsentRecord[], scope: readonly string[]): StandingConsent | undefined {
  const standing = candidates.filter((row) => row.remembered);
  const sets = [standing, ...candidates.filter((row) => !row.remembered).map((row) => [row])];
  for (const set of sets) {
    const [newest] = set;
    const asked = set.flatMap((row) => row.askedScope);
    if (!newest || !scope.every((name) => asked.includes(name))) continue;
    const granted = scope.filter((name) => set.some((row) => row.scope.includes(name)));
    if (granted.length > 0 || scope.length === 0) return answer(newest, granted, !newest.remembered);
  }
  return undefined;
}

function answer({ id, remembered, pendingId }: ConsentRecord, scope: readonly string[], once: boolean) {
  return { id, scope, reason: remembered ? 'remembered-consent' : 'consent', once, pendingId } as const;
}

export interface NewConsent extends ConsentQuestion {
  readonly personId: string;
  /** Of what is asked for, what the person grants. */
  readonly grantedScope: readonly string[];
  readonly remembered: boolean;
  readonly pendingId: string;
  /** Seconds since the epoch. */
  readonly givenAt: number;
  /** Until when it waits to be used, if it is for one token. Seconds since the epoch. */
  readonly validUntil: number;
}

/** Keeps what the person agreed to. What they let stand replaces what they said before about the same or less. */
export async function recordConsent(tx: Database, consent: NewConsent): Promise<string> {
  const { personId, agent, type, resource, account, scope, remembered, givenAt } = consent;
  const subject = {
    personId,
    agentProvider: agent.provider,
    agentId: agent.id,
    type,
    resource,
    account: account ?? null,
  };
  if (remembered) {
    await tx
      .delete(consents)
      .where(
        and(
          eq(consents.personId, personId),
          eq(consents.agentProvider, agent.provider),
          eq(consents.agentId, agent.id),
          eq(consents.type, type),
          eq(consents.resource, resource),
          sql`${consents.account} is not distinct from ${subject.account}`,
          eq(consents.remembered, true),
          scope.length === 0 ? eq(consents.askedScope, []) : arrayContained(consents.askedScope, [...scope]),
        ),
      );
  }
  const id = randomUUID();
  await tx.insert(consents).values({
    ...subject,
    id,
    askedScope: [...scope],
    scope: [...consent.grantedScope],
    remembered,
    pendingId: consent.pendingId,
    givenAt: toDate(givenAt),
    validUntil: remembered ? null : toDate(consent.validUntil),
  });
  return id;
}

/**
 * Notes that a token is issued on a consent.
 *
 * @param once whether that uses the consent up; then it is shown for as long as the token lives
 * @returns false when it was withdrawn or used up meanwhile
 */
export async function noteConsentUse(
  tx: Database,
  id: string,
  { once, time, until }: { once: boolean; time: number; until: number },
): Promise<boolean> {
  const used = await tx
    .update(consents)
    .set({ lastUsedAt: toDate(time), ...(once && { validUntil: toDate(until) }) })
    .where(and(eq(consents.id, id), isNull(consents.withdrawnAt), once ? isNull(consents.lastUsedAt) : undefined))
    .returning({ id: consents.id });
  return used.length > 0;
}

/** Notes that the request which a consent answered, or that it lets through, has got its token. */
export async function noteDelivery(
  tx: Database,
  id: string,
  { pendingId, time, until }: { pendingId: string; time: number; until: number },
): Promise<void> {
  await tx
    .update(consents)
    .set({
      lastUsedAt: toDate(time),
      validUntil: sql`case when ${consents.remembered} then null else ${toDate(until).toISOString()}::timestamptz end`,
    })
    .where(and(eq(consents.id, id), or(eq(consents.remembered, true), eq(consents.pendingId, pendingId))));
}

/** Whether the person has taken a consent back. */
export async function isWithdrawn(tx: Database, id: string): Promise<boolean> {
  const rows = await tx
    .select({ id: consents.id })
    .from(consents)
    .where(and(eq(consents.id, id), isNotNull(consents.withdrawnAt)));
  return rows.length > 0;
}
