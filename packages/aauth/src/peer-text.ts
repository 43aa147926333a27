const errorCode = /^[\w!#$%&'*+.^`|~:/-]{1,64}$/;

/**
 * Reads the code of an error in a problem body or in `Signature-Error`: one short word. Codes go on into our own errors, logs and
 * metrics, where anything longer would be somebody else's text.
 *
 * @returns `undefined` for anything that is no code
 */
export function readErrorCode(value: unknown): string | undefined {
  return typeof value === 'string' && errorCode.test(value) ? value : undefined;
}

/** A peer's words as part of our own: cut, on one line, without halves of characters and without what a database cannot hold. */
export function peerText(text: string, maxLength = 500): string {
  return text
    .slice(0, maxLength)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ');
}
