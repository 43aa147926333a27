import type { Response } from '@aauth-stack/by-hand';

/** What a refusal says: its status, and the codes of its header and of its body. */
export function refusal({ status, headers, text }: Response): object {
  const { error } = Object(JSON.parse(text));
  return { status, signatureError: headers.get('signature-error'), error };
}

/** A 401 for a signature or a token that does not hold. */
export const refusedWith = (code: string) => ({ status: 401, signatureError: `error=${code}`, error: code });
