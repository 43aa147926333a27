import { PolicyError } from '@aauth-stack/aauth/errors';
import { type AcceptedServers, metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { Trust } from '../agent-providers/trust.ts';
import type { Database } from '../db/database.ts';
import { isAudience } from '../tokens/records.ts';

/**
 * Who may take back tokens here (AAuth Protocol, "Token Revocation"): agent providers that are trusted, and resources that
 * tokens of ours are for. 403 `unsupported_iss` for anybody else, of whom nothing is fetched.
 */
export function acceptedIssuers(options: { db: Database; trust: Trust }): Exclude<AcceptedServers, readonly unknown[]> {
  const { db, trust } = options;
  return async (issuer, dwk) => {
    if (dwk === metadataDocuments.agentProvider && (await trust.isTrusted(issuer))) return { issuer, dwk };
    if (dwk === metadataDocuments.resource && (await isAudience(db, issuer))) return { issuer, dwk };
    throw new PolicyError(
      'unsupported_iss',
      `This Person Server takes no tokens of ${issuer} as ${dwk}, so none back.`,
    );
  };
}
