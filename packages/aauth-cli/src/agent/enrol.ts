import { type AgentCredentials, createAgentSession } from '@aauth-stack/aauth/agent';
import type { Clock } from '@aauth-stack/aauth/clock';
import type { KeyBackend, PrivateJwk, SigningKey, Thumbprint } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import type { Profile } from '../config/profiles.ts';

/** What an enrolment takes. */
export interface EnrolOptions {
  readonly profile: Pick<Profile, 'provider' | 'agentName' | 'personServer' | 'callback'>;
  readonly stableKey: SigningKey;
  readonly fetch: typeof globalThis.fetch;
  readonly now: Clock;
  readonly signal: AbortSignal;
  /** The person has to approve the agent first. What it throws ends the enrolment. */
  readonly onPending?: (detail: string) => void;
  /** The provider cannot be asked at the moment whether the person has decided. */
  readonly onSetback?: (detail: string) => void;
}

/** An agent token with its key, which can be kept. */
export interface Enrolment {
  readonly credentials: AgentCredentials;
  readonly key: PrivateJwk;
}

/**
 * Gets an agent token for a new ephemeral key (AAuth Bootstrap, "Refresh Patterns"): at once for an agent that is enrolled, else when the
 * person has approved it.
 *
 * @throws what the agent provider's answer or silence makes of it: UnavailableError, DeferredError, PeerError
 */
export async function enrol(options: EnrolOptions): Promise<Enrolment> {
  const { profile, stableKey, fetch, now, signal } = options;
  const made = rememberingKeys();
  const outcome = Promise.withResolvers<void>();
  const session = createAgentSession({
    ...profile,
    stableKey,
    fetch,
    keys: made.keys,
    now,
    log: {
      info: (_fields, message) => {
        if (session.status().state === 'pending') attempt(() => options.onPending?.(message));
      },
      warn: noteSetback,
      error: noteSetback,
    },
  });
  const abort = () => outcome.reject(signal.reason);

  function noteSetback(fields: object, message: string): void {
    const { state } = session.status();
    // While the person decides, an outage of the provider is no reason to give up.
    if (state === 'pending') attempt(() => options.onSetback?.(message));
    else outcome.reject('err' in fields ? fields.err : new Error(message));
  }

  function attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      outcome.reject(error);
    }
  }

  try {
    signal.throwIfAborted();
    signal.addEventListener('abort', abort, { once: true });
    session.ready.then(outcome.resolve, outcome.reject);
    session.start();
    await outcome.promise;
    const credentials = await session.credentials();
    return { credentials, key: made.privateHalfOf(credentials.key.thumbprint) };
  } finally {
    signal.removeEventListener('abort', abort);
    session.stop();
  }
}

/** Keys that can be written down: those of a session live in memory only. */
function rememberingKeys(): { keys: KeyBackend; privateHalfOf(thumbprint: Thumbprint): PrivateJwk } {
  const made = new Map<Thumbprint, PrivateJwk>();
  return {
    keys: {
      ...nodeKeys,
      async signingKey(jwk) {
        const key = await nodeKeys.signingKey(jwk);
        made.set(key.thumbprint, jwk);
        return key;
      },
    },
    privateHalfOf(thumbprint) {
      const jwk = made.get(thumbprint);
      if (!jwk) throw new TypeError('The session uses a key that it has not made here.');
      return jwk;
    },
  };
}
