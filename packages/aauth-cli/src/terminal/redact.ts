// Header and payload of a JWT say what it is; the third part is what makes it one.
const jwt = /(?<![\w-])(e[wy][\w-]*\.[\w-]+)\.[\w-]+/g;
const signatureValue = /:[A-Za-z0-9+/=]{16,}:/g;
const credentialFields = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'aauth-access'];

/** Text in which every token has lost its signature. */
export function redactTokens(text: string): string {
  return text.replace(jwt, '$1.…');
}

/** The value of a header as it may be shown: no complete token, no signature, no credential. */
export function redactHeader(name: string, value: string): string {
  const field = name.toLowerCase();
  if (credentialFields.includes(field)) return '…';
  return redactTokens(field === 'signature' ? value.replace(signatureValue, ':…:') : value);
}
