import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { type PrivateJwk, parsePrivateJwk, type Thumbprint } from '@aauth-stack/aauth/keys';
import { z } from 'zod';
import { readPrivateJson, writePrivateJson } from '../config/private-files.ts';

/** The agent token of the moment and the ephemeral key that it binds, kept from one run of the command to the next. */
export interface KeptSession {
  readonly token: string;
  readonly key: PrivateJwk;
  readonly agent: string;
  readonly provider: ServerIdentifier;
  /** Of the stable key that got it; with another, it is somebody else's. */
  readonly stableJkt: Thumbprint;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

const schema = z.object({
  version: z.literal(1),
  agent_token: z.string(),
  key: z.record(z.string(), z.unknown()),
  agent: z.string(),
  provider: z.string(),
  stable_jkt: z.string(),
  expires_at: z.number(),
});

/** @returns `undefined` when there is none for this provider and key */
export async function readSession(
  file: string,
  { provider, stableJkt }: Pick<KeptSession, 'provider' | 'stableJkt'>,
): Promise<KeptSession | undefined> {
  const stored = await readPrivateJson(file, schema);
  if (stored?.provider !== provider || stored.stable_jkt !== stableJkt) return undefined;
  return {
    token: stored.agent_token,
    key: parsePrivateJwk(stored.key),
    agent: stored.agent,
    provider: parseServerIdentifier(stored.provider, { allowLoopback: true }),
    stableJkt,
    expiresAt: stored.expires_at,
  };
}

export async function writeSession(file: string, session: KeptSession): Promise<void> {
  await writePrivateJson(file, {
    version: 1,
    agent_token: session.token,
    key: session.key,
    agent: session.agent,
    provider: session.provider,
    stable_jkt: session.stableJkt,
    expires_at: session.expiresAt,
  });
}
