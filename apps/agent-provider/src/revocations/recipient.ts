import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { type MetadataDocument, metadataDocuments } from '@aauth-stack/aauth/tokens';

/** A server that is told of revoked agent tokens. */
export interface Recipient {
  identifier: ServerIdentifier;
  /** The metadata document in which it names its `revocation_endpoint`. */
  dwk: MetadataDocument;
}

/** The Person Server, which cascades, and the resources that take agent tokens from agents themselves. */
export function recipientsOf(personServer: ServerIdentifier, resources: readonly ServerIdentifier[]): Recipient[] {
  return [
    { identifier: personServer, dwk: metadataDocuments.personServer },
    ...[...new Set(resources)]
      .filter((resource) => resource !== personServer)
      .map((identifier) => ({ identifier, dwk: metadataDocuments.resource })),
  ];
}
