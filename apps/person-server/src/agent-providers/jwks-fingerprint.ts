import { createHash } from 'node:crypto';
import { AAuthError } from '@aauth-stack/aauth/errors';
import { jwkThumbprint, parsePublicJwk } from '@aauth-stack/aauth/keys';
import { z } from 'zod';

const jwksText = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ keys: z.array(z.unknown()) }));

/**
 * One value for a whole key set, for a person to compare: SHA-256 over the sorted thumbprints of its usable keys, base64url.
 * Undefined when the body is no key set, or none of its keys is usable.
 */
export async function jwksFingerprint(body: Uint8Array): Promise<string | undefined> {
  const jwks = jwksText.safeParse(new TextDecoder().decode(body)).data;
  if (!jwks) return undefined;
  const thumbprints = await Promise.all(jwks.keys.map(thumbprintIfUsable));
  const usable = thumbprints.filter((thumbprint) => thumbprint !== undefined).sort();
  if (usable.length === 0) return undefined;
  return createHash('sha256').update(usable.join('\n')).digest('base64url');
}

async function thumbprintIfUsable(value: unknown): Promise<string | undefined> {
  try {
    return await jwkThumbprint(parsePublicJwk(value));
  } catch (error) {
    if (error instanceof AAuthError) return undefined;
    throw error;
  }
}
