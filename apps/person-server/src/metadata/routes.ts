import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { listKeys } from '../keys/list-keys.ts';
import { metadataDocument } from './document.ts';

/** GET /.well-known/aauth-person.json */
export function metadata({ issuer }: { issuer: ServerIdentifier }) {
  const document = metadataDocument(issuer);
  return (c: AppContext) => c.json(document, 200, { 'cache-control': 'public, max-age=300' });
}

/** GET /person/server: what this server publishes of itself, and its keys. */
export function serverInfo({ db, issuer }: { db: Database; issuer: ServerIdentifier }) {
  const document = metadataDocument(issuer);
  return async (c: AppContext) =>
    c.json({
      metadata: document,
      metadata_url: `${issuer}/.well-known/${metadataDocuments.personServer}`,
      jwks_uri: document.jwks_uri,
      keys: await listKeys(db),
    });
}
