import { parseList, serializeList, Token } from 'structured-headers';

/** The header in which an agent tells a resource what it can handle (AAuth Protocol, "AAuth-Capabilities"). */
export const capabilitiesHeader = 'aauth-capabilities';

/**
 * Writes an `AAuth-Capabilities` header: a List of Tokens, for instance `interaction, clarification`.
 *
 * @throws `SerializeError` when a capability is no Token of RFC 9651
 */
export function formatCapabilities(capabilities: readonly string[]): string {
  return serializeList(capabilities.map((name) => [new Token(name), new Map()]));
}

/**
 * Reads an `AAuth-Capabilities` header. Parameters and members that are not Tokens are ignored; unknown capabilities are kept, for
 * the reader to ignore.
 * AAuth Protocol, "AAuth-Capabilities Request Header". Never throws.
 *
 * @param header the field value, repeated lines joined with `, `
 * @returns none when there is no header or it does not parse: what an agent does not say, it cannot do
 */
export function parseCapabilities(header: string | null | undefined): string[] {
  if (!header) return [];
  try {
    return parseList(header).flatMap(([member]) => (member instanceof Token ? [member.toString()] : []));
  } catch {
    return [];
  }
}
