const secretName = /TOKEN|SECRET|PASSWORD|KEY/i;
const urlPassword = /(\/\/[^/?#\s:]*:)[^/?#\s]*@/g;

/** What may be shown of a variable's value: nothing of a secret, and no password of a URL. */
export function maskValue(variable: string, value: string): string {
  return secretName.test(variable) ? '***' : maskUrlPassword(value);
}

/** The text with the password of every URL in it replaced, also of one that does not parse. */
export function maskUrlPassword(text: string): string {
  return text.replace(urlPassword, '$1***@');
}
