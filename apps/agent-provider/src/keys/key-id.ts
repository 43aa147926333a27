/** A new key's `kid`: the month it was made in, so that a reader of a token sees the key's age, and eight random hex digits. */
export function newKeyId(now: number): string {
  const date = new Date(now * 1000);
  const month = `${date.getUTCFullYear()}${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
  return `ap-${month}-${Buffer.from(crypto.getRandomValues(new Uint8Array(4))).toString('hex')}`;
}
