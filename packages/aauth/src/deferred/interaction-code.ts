// Crockford base32: no I, L, O and U.
const symbols = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const byteCount = 5;
const length = (byteCount * 8) / 5;

/**
 * Makes an interaction code as people are shown it, `A1B2-C3D4`: 40 bits in 8 symbols of Crockford base32 (AAuth Protocol,
 * "Interaction Code Format"). It says which pending request is meant; it must not permit anything ("Interaction Code Misdirection").
 *
 * @param bytes at least 5; the first 5 make the code. Default: random ones from a CSPRNG. Give your own to derive the code from
 *   something secret that is kept already, such as an HMAC of the pending request's identifier
 * @returns 8 symbols with a hyphen in the middle
 * @throws TypeError when there are fewer bytes
 */
export function createInteractionCode(bytes: Uint8Array = crypto.getRandomValues(new Uint8Array(byteCount))): string {
  if (bytes.length < byteCount)
    throw new TypeError(`An interaction code takes ${byteCount} bytes, not ${bytes.length}.`);
  let bits = bytes.subarray(0, byteCount).reduce((value, byte) => value * 256 + byte, 0);
  let code = '';
  while (code.length < length) {
    code = symbols.charAt(bits % 32) + code;
    bits = Math.floor(bits / 32);
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/**
 * Brings a code, as a person may have typed it, into the form in which codes are compared: without hyphens, in upper case, with `I`
 * and `L` read as `1` and `O` as `0` (AAuth Protocol, "Interaction Code Format").
 * Never throws.
 *
 * @param text as typed or pasted
 * @returns `undefined` when it cannot be a code of {@link createInteractionCode}
 */
export function normalizeInteractionCode(text: string): string | undefined {
  const code = text.replaceAll('-', '').toUpperCase().replaceAll(/[IL]/g, '1').replaceAll('O', '0');
  return code.length === length && [...code].every((symbol) => symbols.includes(symbol)) ? code : undefined;
}
