import { PolicyError } from '@aauth-stack/aauth/errors';
import { type AcceptedServers, metadataDocuments } from '@aauth-stack/aauth/tokens';
import { eq } from 'drizzle-orm';
import type { Trust } from '../agent-providers/trust.ts';
import type { Database } from '../db/database.ts';
import { acceptedAgentTokens } from '../db/schema.ts';
import { isAudience } from '../tokens/records.ts';

/**
 * Who may take back tokens here (protocol.md §7): agent providers that are trusted, or whose agents were let in because a token
 * of ours had been issued to them, and resources that tokens of ours are for. 403 `unsupported_iss` for anybody else, of whom
 * nothing is fetched.
 */
export function acceptedIssuers({
  db,
  trust,
}: {
  db: Database;
  trust: Trust;
}): Exclude<AcceptedServers, readonly unknown[]> {
  return async (issuer, dwk) => {
    if (dwk === metadataDocuments.agentProvider && (await trust.isTrusted(issuer))) return { issuer, dwk };
    if (dwk === metadataDocuments.agentProvider && (await hasShownAgentToken(db, issuer))) return { issuer, dwk };
    if (dwk === metadataDocuments.resource && (await isAudience(db, issuer))) return { issuer, dwk };
    throw new PolicyError(
      'unsupported_iss',
      `This Person Server takes no tokens of ${issuer} as ${dwk}, so none back.`,
    );
  };
}

async function hasShownAgentToken(db: Database, issuer: string): Promise<boolean> {
  const [row] = await db
    .select({ jti: acceptedAgentTokens.jti })
    .from(acceptedAgentTokens)
    .where(eq(acceptedAgentTokens.issuer, issuer))
    .limit(1);
  return row !== undefined;
}
