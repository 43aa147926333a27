import { parseDictionary, Token } from '@hellocoop/httpsig';

/** What an `AAuth-Requirement` says: the token of its member `requirement`, and the parameters of that member. */
export function readRequirement(header: string | null): { requirement: string; parameters: Record<string, unknown> } {
  const dictionary = parseDictionary(header ?? '');
  const [value, parameters] = dictionary.get('requirement') ?? [];
  if (dictionary.size !== 1 || !(value instanceof Token)) throw new Error(`${header} requires nothing.`);
  return { requirement: value.toString(), parameters: Object.fromEntries(parameters ?? []) };
}
