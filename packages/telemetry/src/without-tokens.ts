// Three parts or more with dots between. Each text of such characters is looked at once, from its start: a pattern that
// looks for `eyJ` itself would look to the end from each one, and a peer may send thousands.
const dotted = /(?<![\w-])[\w-]+(?:\.[\w-]+){2,}/g;

/** The text with the signature part of every JWT replaced by `…`, so that it is no longer a token. */
export function withoutTokens(text: string): string {
  return text.includes('eyJ') ? text.replace(dotted, withoutSignatures) : text;
}

function withoutSignatures(dottedParts: string): string {
  const parts = dottedParts.split('.');
  return parts.map((part, index) => (parts[index - 2]?.includes('eyJ') ? '…' : part)).join('.');
}
