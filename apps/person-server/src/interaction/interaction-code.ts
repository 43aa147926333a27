import { createHmac } from 'node:crypto';
import { createInteractionCode, normalizeInteractionCode } from '@aauth-stack/aauth/deferred';
import type { Database } from '../db/database.ts';
import { loadSecret } from '../db/secrets.ts';

/**
 * The codes that lead a person from an agent to its pending request (AAuth Protocol, "Interaction Code Format"). A code says which
 * request is meant and permits nothing.
 */
export interface InteractionCodes {
  /** The code of a pending request, as it is shown: `A1B2-C3D4`. */
  codeOf(pendingId: string): string;
  /** What a request is found by, for a code in any spelling; undefined for what cannot be one. */
  hashOf(code: string): string | undefined;
  /** What a resource's redirect has to carry, so that it is known to be the answer to ours. */
  flowOf(pendingId: string): string;
}

/**
 * Codes are derived from the random identifiers of the requests with a secret of the deployment: every answer to a poll can repeat
 * the code, and no table holds it.
 */
export async function loadInteractionCodes(db: Database): Promise<InteractionCodes> {
  const secret = await loadSecret(db, 'interaction-code');
  const derive = (...input: readonly string[]) => createHmac('sha256', secret).update(JSON.stringify(input)).digest();
  return {
    codeOf: (pendingId) => createInteractionCode(derive('code', pendingId)),
    flowOf: (pendingId) => derive('flow', pendingId).toString('base64url'),
    hashOf: (code) => {
      const value = normalizeInteractionCode(code);
      return value && derive('lookup', value).toString('base64url');
    },
  };
}
