import type { ServerMetadata } from '@aauth-stack/aauth/discovery';
import { type IdentifierPolicy, isLoopbackHost } from '@aauth-stack/aauth/identifiers';
import { z } from 'zod';

/** What a resource publishes of itself for people to read, as far as it makes sense. */
export interface ResourceDescription {
  readonly name: string | null;
  /** Markdown. */
  readonly description: string | null;
  readonly access_mode: string | null;
  readonly documentation_uri: string | null;
  readonly tos_uri: string | null;
  readonly policy_uri: string | null;
  readonly revocation_supported: boolean;
  /** Markdown by scope. */
  readonly scope_descriptions: Readonly<Record<string, string>>;
}

const longestName = 200;
const longestText = 10_000;

const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .transform((value) => value.slice(0, longest))
    .nullable()
    .catch(null);

/** Reads what people are shown out of a resource's metadata; a member that is wrong counts as missing. */
export function describeResource(metadata: ServerMetadata, identifiers: IdentifierPolicy): ResourceDescription {
  const page = z
    .string()
    .max(2048)
    .refine((url) => isPage(URL.parse(url), identifiers))
    .nullable()
    .catch(null);
  const schema = z.object({
    name: text(longestName),
    description: text(longestText),
    access_mode: text(longestName),
    documentation_uri: page,
    tos_uri: page,
    policy_uri: page,
    scope_descriptions: z.record(z.string().max(255), z.string().max(longestText)).catch({}),
  });
  return { ...schema.parse(metadata), revocation_supported: typeof metadata.revocation_endpoint === 'string' };
}

// It becomes a link: whatever else a URL can do, it leads to a page.
function isPage(url: URL | null, { allowLoopback }: IdentifierPolicy): boolean {
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && allowLoopback && isLoopbackHost(url.hostname);
}
