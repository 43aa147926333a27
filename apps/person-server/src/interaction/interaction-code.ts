import { createHmac } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { loadSecret } from '../db/secrets.ts';

const symbols = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 8;

/**
 * The codes that lead a person from an agent to its pending request (AAuth Protocol, "Interaction Code Format"): 40 bits of
 * Crockford base32. A code says which request is meant and permits nothing.
 */
export interface InteractionCodes {
  /** The code of a pending request, as it is shown: `A1B2-C3D4`. */
  codeOf(pendingId: string): string;
  /** What a request is found by, for a code in any spelling; undefined for what cannot be one. */
  hashOf(code: string): string | undefined;
}

/**
 * Codes are derived from the random identifiers of the requests with a secret of the deployment: every answer to a poll can repeat
 * the code, and no table holds it.
 */
export async function loadInteractionCodes(db: Database): Promise<InteractionCodes> {
  const secret = await loadSecret(db, 'interaction-code');
  const derive = (...input: readonly string[]) => createHmac('sha256', secret).update(JSON.stringify(input)).digest();
  return {
    codeOf: (pendingId) => {
      const code = encode(derive('code', pendingId));
      return `${code.slice(0, 4)}-${code.slice(4)}`;
    },
    hashOf: (code) => {
      const value = normalizeCode(code);
      return value && derive('lookup', value).toString('base64url');
    },
  };
}

/** A code as it is compared: no hyphens, upper case, the letters that stand for digits replaced by them. */
export function normalizeCode(text: string): string | undefined {
  const code = text.replaceAll('-', '').toUpperCase().replaceAll(/[IL]/g, '1').replaceAll('O', '0');
  return code.length === length && [...code].every((symbol) => symbols.includes(symbol)) ? code : undefined;
}

function encode(bytes: Buffer): string {
  let bits = bytes.readUIntBE(0, 5);
  let code = '';
  for (let index = 0; index < length; index += 1) {
    code = symbols.charAt(bits % 32) + code;
    bits = Math.floor(bits / 32);
  }
  return code;
}
