import { type Clock, wasSetBack } from '../clock.ts';
import type { VerifiedAuthToken, VerifiedPersonToken, VerifiedResourceToken } from '../tokens/types.ts';
import { type Access, accessId } from './access.ts';

/** An auth token, and what the resource had asked for. */
export interface Grant {
  readonly token: VerifiedAuthToken;
  /** The person server may have narrowed it. */
  readonly requested: readonly string[];
  readonly account: string | undefined;
  /** The piece of work about which the person was asked: it is for that alone. Absent: nobody was asked, or about no such piece. */
  readonly work?: symbol | undefined;
}

/** The tokens of one access, as far as its piece of work may use them. */
interface TokenShelf {
  /** The person token. */
  readonly person: Slot<VerifiedPersonToken>;
  /** The grant that was used last. */
  readonly latest: Slot<Grant>;
  /** A grant that answers to what a resource token asks for and is none of `tried`; it counts as used. */
  find(
    asked: Pick<VerifiedResourceToken, 'scope' | 'account'>,
    tried: ReadonlySet<string>,
    quality: keyof Slot<Grant>,
  ): Grant | undefined;
  keepPerson(token: VerifiedPersonToken): void;
  keepGrant(grant: Grant): void;
  /** Drops a token that is no good any more. */
  forget(compact: string): void;
}

/** A token that may be there, in two qualities. */
interface Slot<Value> {
  /** With enough time left. */
  readonly fresh: Value | undefined;
  /** Not expired: for when a fresher one cannot be had. */
  readonly valid: Value | undefined;
}

export interface HeldTokens {
  shelf(access: Access): TokenShelf;
}

type ShelfFor = (work: symbol | undefined) => TokenShelf;

interface Kept<Value> {
  readonly value: Value;
  /** Seconds since the epoch. */
  readonly since: number;
  readonly renewAt: number;
}

// AAuth Protocol: tokens are refreshed with five minutes left; one that lives shorter than twice that, after half its life.
const renewalMargin = 5 * 60;
const maxGrants = 16;

/** Keeps person tokens per access and auth tokens per access and scope, those of the 512 accesses used last. */
export function createHeldTokens({ now, maxShelves = 512 }: { now: Clock; maxShelves?: number }): HeldTokens {
  const shelves = new Map<string, ShelfFor>();
  return {
    shelf(access) {
      const id = accessId(access);
      const shelf = shelves.get(id) ?? createShelf(now);
      // A Map iterates in order of insertion: entering it anew makes it the most recently used.
      shelves.delete(id);
      shelves.set(id, shelf);
      const [oldest] = shelves.keys();
      if (shelves.size > maxShelves && oldest !== undefined) shelves.delete(oldest);
      return shelf(access.work);
    },
  };
}

function createShelf(now: Clock): ShelfFor {
  let person: Kept<VerifiedPersonToken> | undefined;
  // In the order of last use; a newer grant of the same takes the place of an older one.
  const grants = new Map<string, Kept<Grant>>();

  const keep = <Value>(value: Value, token: { readonly expiresAt: number }): Kept<Value> => {
    return { value, since: now(), renewAt: token.expiresAt - Math.min(renewalMargin, (token.expiresAt - now()) / 2) };
  };

  function slot<Value>(kept: Kept<Value> | undefined, tokenOf: (value: Value) => { readonly expiresAt: number }) {
    // With a clock that was set back, servers see a token from the future.
    if (!kept || wasSetBack(now, kept.since)) return { valid: undefined, fresh: undefined };
    const valid = now() < tokenOf(kept.value).expiresAt ? kept.value : undefined;
    return { valid, fresh: now() < kept.renewAt ? valid : undefined };
  }

  function use(name: string, kept: Kept<Grant>): void {
    grants.delete(name);
    grants.set(name, kept);
    const [oldest] = grants.keys();
    if (grants.size > maxGrants && oldest !== undefined) grants.delete(oldest);
  }

  const isFor = ({ value }: Kept<Grant>, work: symbol | undefined) => [undefined, work].includes(value.work);

  return (work) => ({
    get person() {
      return slot(person, (token) => token);
    },
    get latest() {
      return slot(
        [...grants.values()].findLast((kept) => isFor(kept, work)),
        ({ token }) => token,
      );
    },
    find(asked, tried, quality) {
      const found = [...grants].reverse().find(([, kept]) => {
        const grant = isFor(kept, work) && slot(kept, ({ token }) => token)[quality];
        return grant && !tried.has(grant.token.compact) && answersTo(grant, asked);
      });
      if (!found) return undefined;
      use(...found);
      return found[1].value;
    },
    keepPerson(token) {
      person = keep(token, token);
    },
    keepGrant(grant) {
      use(grantName(grant), keep(grant, grant.token));
    },
    forget(compact) {
      if (person?.value.compact === compact) person = undefined;
      for (const [name, { value }] of grants) if (value.token.compact === compact) grants.delete(name);
    },
  });
}

function grantName({ token, account }: Grant): string {
  return JSON.stringify([[...token.scope].sort(), account]);
}

// What was asked for and not granted counts too: the person server has decided on it.
function answersTo(
  { token, requested, account }: Grant,
  asked: { scope: readonly string[]; account?: string },
): boolean {
  if (account !== asked.account) return false;
  if (asked.scope.length === 0) return requested.length === 0;
  return asked.scope.every((name) => requested.includes(name) || token.scope.includes(name));
}
