import type { EgressFetch } from '@aauth-stack/aauth/discovery';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import { type MetadataDocument, metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { Check } from '../checks/check.ts';
import { fetchDocument } from './fetch-document.ts';
import { lintKeys, withoutSecrets } from './lint-keys.ts';
import { lintMetadata, type Members } from './lint-metadata.ts';

/** One role in which a server publishes metadata. */
export interface Role {
  readonly dwk: MetadataDocument;
  readonly url: string;
  readonly metadata: Members | null;
  readonly jwks: Members | null;
  readonly checks: readonly Check[];
}

const titles: Readonly<Record<MetadataDocument, string>> = {
  'aauth-agent.json': 'agent provider',
  'aauth-person.json': 'person server',
  'aauth-resource.json': 'resource',
  'aauth-access.json': 'access server',
};

/** What the role of a document is called. */
export function roleTitle(dwk: MetadataDocument): string {
  return titles[dwk];
}

/**
 * Looks at what a server publishes in each role.
 *
 * @param only these documents; one that is missing is a fault then
 * @returns the roles that it has, or all that were asked for
 */
export async function surveyServer(
  origin: string,
  only: readonly MetadataDocument[] | undefined,
  { egressFetch, identifiers }: { readonly egressFetch: EgressFetch; readonly identifiers: IdentifierPolicy },
): Promise<Role[]> {
  const asked = only ?? Object.values(metadataDocuments);
  const roles = await Promise.all(asked.map((dwk) => surveyRole(origin, dwk, egressFetch, identifiers)));
  return only
    ? roles.map((role, index) => role ?? missing(origin, only[index]))
    : roles.filter((role) => role !== undefined);
}

async function surveyRole(
  origin: string,
  dwk: MetadataDocument,
  egressFetch: EgressFetch,
  identifiers: IdentifierPolicy,
): Promise<Role | undefined> {
  const url = new URL(`/.well-known/${dwk}`, origin);
  const fetched = await fetchDocument(egressFetch, url);
  if (fetched.state === 'absent') return undefined;
  const role = { dwk, url: url.href, metadata: null, jwks: null };
  if (fetched.state === 'unusable') {
    const check: Check = {
      check: 'document',
      result: 'fail',
      detail: `${url.href} cannot be used: ${fetched.reason}.`,
    };
    return { ...role, checks: [check] };
  }
  const { document, cacheControl } = fetched;
  const checks: Check[] = [...lintMetadata(document, dwk, origin, identifiers)];
  if (cacheControl === null) {
    const detail = 'The document has no Cache-Control: everybody decides for themselves how long to keep it.';
    checks.push({ check: 'cache-control', result: 'warn', detail });
  }
  const jwks = await surveyKeys(document, checks, egressFetch);
  return { ...role, metadata: document, jwks, checks };
}

async function surveyKeys({ jwks_uri }: Members, checks: Check[], egressFetch: EgressFetch): Promise<Members | null> {
  // What is wrong with the URL itself has been said.
  if (checks.some(({ check, result }) => check === 'jwks_uri' && result === 'fail')) return null;
  const url = typeof jwks_uri === 'string' ? URL.parse(jwks_uri) : null;
  if (!url) return null;
  const fetched = await fetchDocument(egressFetch, url);
  if (fetched.state !== 'there') {
    const reason = fetched.state === 'absent' ? 'it answers 404' : fetched.reason;
    checks.push({ check: 'jwks', result: 'fail', detail: `${url.href} cannot be used: ${reason}.` });
    return null;
  }
  checks.push(...(await lintKeys(fetched.document)));
  return withoutSecrets(fetched.document);
}

function missing(origin: string, dwk: MetadataDocument = metadataDocuments.resource): Role {
  const url = `${origin}/.well-known/${dwk}`;
  const check: Check = { check: 'document', result: 'fail', detail: `There is no ${url}.` };
  return { dwk, url, metadata: null, jwks: null, checks: [check] };
}
