import type { Discovery } from '@aauth-stack/aauth/discovery';
import { AAuthError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';

/** What an Agent Provider calls itself in its metadata; undefined when that cannot be read now. */
export async function providerName(discovery: Discovery, issuer: ServerIdentifier): Promise<string | undefined> {
  try {
    return (await discovery.metadata(issuer, metadataDocuments.agentProvider)).name;
  } catch (error) {
    if (error instanceof AAuthError) return undefined;
    throw error;
  }
}
