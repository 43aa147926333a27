/**
 * Text that a stranger chose, made harmless to read: control characters, line breaks and the invisible characters that reorder
 * or hide text become the replacement character. Escaping for HTML is the template's.
 */
export function visibleText(text: string): string {
  return text.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'h', seconds: 3_600 },
  { unit: 'min', seconds: 60 },
] as const;

/** A span of time in its largest whole unit, for instance `54 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const largest = units.find((candidate) => whole >= candidate.seconds);
  if (!largest) return `${whole} s`;
  const count = Math.floor(whole / largest.seconds);
  return `${count} ${largest.unit === 'day' && count > 1 ? 'days' : largest.unit}`;
}
