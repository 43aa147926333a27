/**
 * Text that a stranger chose, made harmless to read: control characters, line breaks and the invisible characters that reorder
 * or hide text become the replacement character. Escaping for HTML is React's.
 */
export function visibleText(text: string): string {
  return text.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
