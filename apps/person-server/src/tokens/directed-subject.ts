import { createHmac } from 'node:crypto';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Database } from '../db/database.ts';
import { loadSecret } from '../db/secrets.ts';

/**
 * Whom a resource knows a person as (AAuth Protocol, "Directed Identifiers"): the same for ever, another one at every resource,
 * and nothing that the person could be found by without this server's secret.
 */
export type DirectedSubject = (personId: string, resource: ServerIdentifier) => string;

/** Derives identifiers with the secret of this deployment: with another one every resource would take the person for a stranger. */
export async function loadDirectedSubject(db: Database): Promise<DirectedSubject> {
  const secret = await loadSecret(db, 'person');
  return (personId, resource) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([personId, resource]))
      .digest('base64url');
}
