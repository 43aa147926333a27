import { attribute } from './attributes.ts';

const member = /^\s*[\w*.-]+=(?<scheme>[\w-]+)(?:;jwt="(?<header>[\w-]+)\.)?/;

/**
 * The attributes of a request that carries `Signature-Key`: its scheme and the type of its token. Nothing is verified: a request
 * says here what it claims to carry.
 */
export function presentedAttributes(signatureKey: string | undefined): Record<string, string> {
  const { scheme, header } = member.exec(signatureKey ?? '')?.groups ?? {};
  const type = header === undefined ? undefined : typeOf(header);
  return {
    ...(scheme !== undefined && { [attribute.scheme]: scheme }),
    ...(type !== undefined && { [attribute.tokenType]: type }),
  };
}

function typeOf(header: string): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && 'typ' in value && typeof value.typ === 'string')
      return value.typ;
  } catch {
    // Not a token; whoever receives it says so.
  }
  return undefined;
}
