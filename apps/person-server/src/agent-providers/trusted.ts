import type { Discovery, EgressFetch, ServerMetadata } from '@aauth-stack/aauth/discovery';
import { AAuthError } from '@aauth-stack/aauth/errors';
import {
  agentDomain,
  type IdentifierPolicy,
  parseEndpointUrl,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { agentProviders } from '../db/schema.ts';
import type { AppContext } from '../environment.ts';
import { jwksFingerprint } from './jwks-fingerprint.ts';

export interface TrustedAgentServersOptions {
  db: Database;
  /** The deployment's own Agent Provider, trusted without anybody having added it. */
  own: ServerIdentifier;
  discovery: Discovery;
  egress: EgressFetch;
  identifiers: IdentifierPolicy;
}

/** GET /person/trusted-agent-servers. What a provider publishes is null while it does not answer. */
export function trustedAgentServers(options: TrustedAgentServersOptions) {
  return async (c: AppContext) => {
    const rows = await options.db.select().from(agentProviders).where(eq(agentProviders.issuer, options.own));
    const published = await publishedBy(options.own, options);
    return c.json(
      rows.map(({ addedAt }) => ({
        issuer: options.own,
        display_name: published?.metadata.name ?? agentDomain(options.own),
        jwks_uri: published?.metadata.jwks_uri ?? null,
        jwks_fingerprint: published?.fingerprint ?? null,
        implicit: true,
        added_at: addedAt.toISOString(),
      })),
    );
  };
}

async function publishedBy(
  issuer: ServerIdentifier,
  { discovery, egress, identifiers }: TrustedAgentServersOptions,
): Promise<{ metadata: ServerMetadata; fingerprint: string | undefined } | undefined> {
  try {
    const metadata = await discovery.metadata(issuer, metadataDocuments.agentProvider);
    const { body } = await egress(parseEndpointUrl(metadata.jwks_uri, identifiers), {
      accept: 'application/jwk-set+json, application/json',
    });
    return { metadata, fingerprint: await jwksFingerprint(body) };
  } catch (error) {
    if (error instanceof AAuthError) return undefined;
    throw error;
  }
}
