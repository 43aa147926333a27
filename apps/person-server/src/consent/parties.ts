import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery, ServerMetadata } from '@aauth-stack/aauth/discovery';
import { AAuthError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseEndpointUrl, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { toDate } from '../db/dates.ts';

/** What servers publish of themselves, for people to read. Nothing of it is ours, and all of it may be missing. */
export interface Parties {
  resource(issuer: string): Promise<DescribedResource>;
  provider(issuer: string): Promise<{ readonly name: string | undefined }>;
}

interface DescribedResource {
  /** Its members on the consent page, with the descriptions of some scopes. */
  shown(scopes: readonly string[]): {
    issuer: string;
    name: string | null;
    description: string | null;
    access_mode: string | null;
    documentation_uri: string | null;
    tos_uri: string | null;
    policy_uri: string | null;
    scope_descriptions: Record<string, string>;
    metadata_read_at: string | null;
  };
}

export interface PartiesOptions {
  discovery: Discovery;
  identifiers: IdentifierPolicy;
  now: Clock;
}

export function createParties({ discovery, identifiers, now }: PartiesOptions): Parties {
  const read = async (issuer: string, document: 'agentProvider' | 'resource'): Promise<ServerMetadata | undefined> => {
    try {
      return await discovery.metadata(parseServerIdentifier(issuer, identifiers), metadataDocuments[document]);
    } catch (error) {
      if (error instanceof AAuthError) return undefined;
      throw error;
    }
  };
  const link = (value: unknown): string | null => {
    try {
      return parseEndpointUrl(value, identifiers).href;
    } catch {
      return null;
    }
  };

  return {
    provider: async (issuer) => ({ name: (await read(issuer, 'agentProvider'))?.name }),
    resource: async (issuer) => {
      const metadata = await read(issuer, 'resource');
      return {
        shown: (scopes) => ({
          issuer,
          name: metadata?.name ?? null,
          description: metadata?.description ?? null,
          access_mode: text(metadata?.access_mode),
          documentation_uri: link(metadata?.documentation_uri),
          tos_uri: link(metadata?.tos_uri),
          policy_uri: link(metadata?.policy_uri),
          scope_descriptions: descriptionsOf(metadata?.scope_descriptions, scopes),
          metadata_read_at: metadata ? toDate(now()).toISOString() : null,
        }),
      };
    },
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function descriptionsOf(value: unknown, scopes: readonly string[]): Record<string, string> {
  const described = new Map(Object.entries(Object(value)));
  return Object.fromEntries(
    scopes.flatMap((scope) => {
      const description = described.get(scope);
      return typeof description === 'string' ? [[scope, description]] : [];
    }),
  );
}
