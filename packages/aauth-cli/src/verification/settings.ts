import type { Discovery } from '@aauth-stack/aauth/discovery';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { PublicJwk } from '@aauth-stack/aauth/keys';

/** As what, and as of when, something is verified. */
export interface VerificationSettings {
  /** Seconds since the epoch. */
  readonly at: number;
  /** Seconds. */
  readonly window: number;
  /** Components that the resource requires beside the four. */
  readonly require: readonly string[];
  readonly identifiers: IdentifierPolicy;
  /** Absent when nobody may be asked. */
  readonly discovery: Discovery | undefined;
  /** Keys to use instead of those that are published; of tokens and of servers. */
  readonly keys: readonly PublicJwk[];
}
