import type { SigningKey } from '@aauth-stack/aauth/keys';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const decode = (part = ''): object => JSON.parse(Buffer.from(part, 'base64url').toString());

/** A token with other header members or claims, signed with whatever key is given. */
export async function forge(
  token: string,
  changes: { readonly header?: object; readonly claims?: object },
  key: SigningKey,
): Promise<string> {
  const [header, claims] = token.split('.');
  const input = `${encode({ ...decode(header), ...changes.header })}.${encode({ ...decode(claims), ...changes.claims })}`;
  const signature = await key.sign(new TextEncoder().encode(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}
