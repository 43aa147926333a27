import { SignatureError } from '@aauth-stack/aauth/errors';
import { type PublicJwk, parsePublicJwk } from '@aauth-stack/aauth/keys';
import type { Context } from '../command/context.ts';
import { usageFailure } from '../command/failure.ts';
import { readInput } from '../http/request-input.ts';

/** Public keys from a file: a JWKS, or one JWK. */
export async function readGivenKeys(file: string | undefined, { stdin }: Pick<Context, 'stdin'>): Promise<PublicJwk[]> {
  if (file === undefined) return [];
  const text = Buffer.from(await readInput(file, stdin)).toString('utf8');
  try {
    const value = Object(JSON.parse(text));
    const members: unknown[] = Array.isArray(value.keys) ? value.keys : [value];
    return members.map(parsePublicJwk);
  } catch (error) {
    const reason = error instanceof SignatureError ? error.message : 'it is not JSON.';
    throw usageFailure(`"${file}" holds no public keys (JWKS or JWK): ${reason}`);
  }
}
