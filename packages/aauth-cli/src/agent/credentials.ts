import type { CredentialRequest, Credentials } from '@aauth-stack/aauth/agent';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { loadSigningKey, nodeKeys } from '@aauth-stack/aauth/node';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import type { Context } from '../command/context.ts';
import { exitCodes } from '../command/exit-codes.ts';
import { CommandFailure } from '../command/failure.ts';
import { identifierPolicy } from '../config/identifiers.ts';
import type { Profile, Profiles } from '../config/profiles.ts';
import { enrol } from './enrol.ts';
import { type KeptSession, readSession, writeSession } from './session-file.ts';

/** The agent of a profile, able to sign. */
export interface AgentIdentity {
  readonly profile: Profile;
  readonly stableKey: SigningKey;
  /** The agent token of the moment and its key, renewed with five minutes left, and kept for the next run of the command. */
  readonly credentials: (request?: CredentialRequest) => Promise<Credentials>;
  /** What is kept at the moment, fresh or not. */
  readonly kept: () => Promise<KeptSession | undefined>;
  /** Gets another agent token, for another key. */
  readonly renew: () => Promise<KeptSession>;
}

interface IdentityOptions {
  readonly context: Context;
  readonly profiles: Profiles;
  readonly profile: Profile;
  readonly fetch: typeof globalThis.fetch;
}

// AAuth Protocol: refresh with five minutes left; a token that lives shorter than twice that, after half its life.
const renewalMargin = 5 * 60;

/** @throws KeyFileError when the stable key is missing, damaged or readable by others */
export async function createIdentity(options: IdentityOptions): Promise<AgentIdentity> {
  const { context, profiles, profile, fetch } = options;
  const { now, signal } = context;
  const stableKey = await loadSigningKey(profiles.keyFile(profile.name));
  const file = profiles.sessionFile(profile.name);
  const kept = () => readSession(file, { provider: profile.provider, stableJkt: stableKey.thumbprint });
  let renewal: Promise<KeptSession> | undefined;

  async function obtain(): Promise<KeptSession> {
    const onPending = (detail: string): never => {
      throw new CommandFailure('not_approved', `The agent is not approved yet. ${detail}`, {
        exitCode: exitCodes.refused,
        hint: 'Approve it there, or let "aauth init" wait for it.',
      });
    };
    const session = sessionOf(profile, stableKey, await enrol({ profile, stableKey, fetch, now, signal, onPending }));
    await writeSession(file, session);
    const updated = profileAfter(profile, session, context);
    if (updated.agent !== profile.agent || updated.personServer !== profile.personServer) await profiles.save(updated);
    return session;
  }

  const renew = (): Promise<KeptSession> => {
    renewal ??= obtain().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };

  return {
    profile,
    stableKey,
    kept,
    renew,
    async credentials(request) {
      const session = await kept();
      const refused = request?.refused?.token;
      const isFresh = session !== undefined && session.token !== refused && isFreshAt(session, now());
      const { token, key } = isFresh ? session : await renew();
      return { token, key: await nodeKeys.signingKey(key) };
    },
  };
}

/** What is kept of an enrolment. */
export function sessionOf(
  profile: Pick<Profile, 'provider'>,
  stableKey: SigningKey,
  { credentials, key }: Awaited<ReturnType<typeof enrol>>,
): KeptSession {
  const { token, agent, expiresAt } = credentials;
  return { token, key, agent, expiresAt, provider: profile.provider, stableJkt: stableKey.thumbprint };
}

/** The profile with what the agent token says: what the agent is called, and who speaks for its person. */
export function profileAfter(profile: Profile, session: KeptSession, { env }: Pick<Context, 'env'>): Profile {
  const ps = decodeTokenForDisplay(session.token)?.claims.ps;
  return { ...profile, agent: session.agent, personServer: readPersonServer(ps, env) ?? profile.personServer };
}

function readPersonServer(ps: unknown, env: Context['env']): ServerIdentifier | undefined {
  return ps === undefined ? undefined : parseServerIdentifier(ps, identifierPolicy(env));
}

function isFreshAt({ token, expiresAt }: KeptSession, now: number): boolean {
  const issuedAt = decodeTokenForDisplay(token)?.claims.iat;
  const lifetime = typeof issuedAt === 'number' ? expiresAt - issuedAt : 0;
  return expiresAt - now > Math.min(renewalMargin, lifetime / 2);
}
