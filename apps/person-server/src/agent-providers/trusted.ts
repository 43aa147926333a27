import { RequestError } from '@aauth-stack/aauth/errors';
import { agentDomain, parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { agentProviders } from '../db/schema.ts';
import type { AppContext } from '../environment.ts';
import { currentSession } from '../session/person-session.ts';
import { type PublishedOptions, publishedBy } from './published.ts';
import type { Trust } from './trust.ts';
import type { TrustDecisions } from './trust-decisions.ts';

export interface TrustedAgentServersOptions extends PublishedOptions {
  db: Database;
  /** The deployment's own Agent Provider, trusted without anybody having added it. */
  own: ServerIdentifier;
  trust: Trust;
  trustDecisions: TrustDecisions;
}

interface Row {
  readonly issuer: ServerIdentifier;
  readonly displayName: string | undefined;
  readonly addedAt: Date;
}

/** GET /person/trusted-agent-servers. What a provider publishes is null while it does not answer. */
export function listTrusted(options: TrustedAgentServersOptions) {
  const { db, own, trust, identifiers } = options;
  return async (c: AppContext) => {
    const ownRows = await db.select().from(agentProviders).where(eq(agentProviders.issuer, own));
    const rows: Row[] = [
      ...ownRows.map(({ addedAt }) => ({ issuer: own, displayName: undefined, addedAt })),
      ...(await trust.added()).map((row) => ({ ...row, issuer: parseServerIdentifier(row.issuer, identifiers) })),
    ];
    return c.json(await Promise.all(rows.map((row) => shown(row, options))));
  };
}

/** POST /person/trusted-agent-servers `{issuer, display_name?}` */
export function addTrusted(options: TrustedAgentServersOptions) {
  return async (c: AppContext) => {
    const { issuer, display_name: name } = await readProvider(c);
    const identifier = parseServerIdentifier(issuer, options.identifiers);
    const added = await options.trustDecisions.add(currentSession(c), identifier, name);
    return c.json(await shown({ ...added, issuer: identifier }, options), 201);
  };
}

/** DELETE /person/trusted-agent-servers?issuer= */
export function removeTrusted({ trustDecisions, identifiers }: TrustedAgentServersOptions) {
  return async (c: AppContext) => {
    await trustDecisions.remove(currentSession(c), parseServerIdentifier(c.req.query('issuer'), identifiers));
    return c.body(null, 204);
  };
}

async function shown({ issuer, displayName, addedAt }: Row, options: TrustedAgentServersOptions) {
  const published = await publishedBy(issuer, options);
  return {
    issuer,
    display_name: displayName ?? published?.metadata.name ?? agentDomain(issuer),
    description: published?.metadata.description ?? null,
    jwks_uri: published?.metadata.jwks_uri ?? null,
    jwks_fingerprint: published?.fingerprint ?? null,
    implicit: issuer === options.own,
    added_at: addedAt.toISOString(),
  };
}

const providerSchema = z.object({ issuer: z.string(), display_name: z.string().trim().min(1).max(100).optional() });

async function readProvider(c: AppContext): Promise<z.output<typeof providerSchema>> {
  try {
    return providerSchema.parse(await c.req.json());
  } catch (cause) {
    throw new RequestError(
      'invalid_request',
      'The body is not JSON of the form {"issuer": "https://…", "display_name": "…"}.',
      { cause },
    );
  }
}
