import type { Attributes } from './span.ts';

/** Reads one attribute, by the name that it has on a span. */
export function textOf(attributes: Attributes | undefined, name: string): string | null {
  const value = attributes?.[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOf(attributes: Attributes | undefined, name: string): number | null {
  const value = attributes?.[name];
  return typeof value === 'number' ? value : null;
}

export function listOf(attributes: Attributes | undefined, name: string): readonly string[] {
  const value = attributes?.[name];
  return Array.isArray(value) ? value : [];
}

/** Reads an attribute that holds a JSON object. */
export function objectOf(attributes: Attributes | undefined, name: string): Record<string, unknown> | null {
  const text = textOf(attributes, name);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
