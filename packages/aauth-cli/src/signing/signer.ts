import { randomUUID } from 'node:crypto';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { loadSigningKey } from '@aauth-stack/aauth/node';
import {
  createJktJwt,
  hwkSignatureKey,
  jktJwtSignatureKey,
  jwksUriSignatureKey,
  jwtSignatureKey,
  type SignatureKeyValue,
} from '@aauth-stack/aauth/signatures';
import { createIdentity } from '../agent/credentials.ts';
import { withNetwork } from '../agent/network.ts';
import type { OptionSpecs } from '../command/command.ts';
import type { Context } from '../command/context.ts';
import { usageFailure } from '../command/failure.ts';
import { createProfiles } from '../config/profiles.ts';
import { readInput } from '../http/request-input.ts';

/** Options that say who signs. */
export const signerOptions = {
  scheme: {
    type: 'string',
    value: 'SCHEME',
    help: 'jwt (the default): the agent of the profile; hwk, jkt-jwt or jwks_uri: the key in --key',
  },
  key: { type: 'string', value: 'FILE', help: 'a private key, PKCS#8 PEM or JWK, mode 0600' },
  token: {
    type: 'string',
    value: 'FILE',
    help: 'with jwt and --key: the token that binds that key; - is standard input',
  },
  id: { type: 'string', value: 'URL', help: 'with jwks_uri: the server that publishes the key' },
  dwk: { type: 'string', value: 'NAME', help: 'with jwks_uri: its metadata document, for instance aauth-person.json' },
  kid: { type: 'string', value: 'KID', help: "with jwks_uri: the key's name in its JWKS (default: the kid in --key)" },
} as const satisfies OptionSpecs;

interface Values {
  readonly profile?: string;
  readonly scheme?: string;
  readonly key?: string;
  readonly token?: string;
  readonly id?: string;
  readonly dwk?: string;
  readonly kid?: string;
}

/** What a request is signed with, and what is said of it. */
export interface ChosenSigner {
  readonly key: SigningKey;
  readonly signatureKey: SignatureKeyValue;
  readonly nonce: string;
}

/** @throws CommandFailure for options that do not fit together */
export async function chooseSigner(values: Values, context: Context): Promise<ChosenSigner> {
  return { ...(await chooseKey(values, context)), nonce: randomUUID() };
}

async function chooseKey(values: Values, context: Context): Promise<Omit<ChosenSigner, 'nonce'>> {
  const { scheme = 'jwt' } = values;
  if (scheme === 'jwt') return values.key === undefined ? asAgent(values, context) : withToken(values, context);
  if (scheme === 'hwk') {
    const key = await loadKey(values, scheme);
    return { key, signatureKey: hwkSignatureKey(key.publicJwk) };
  }
  if (scheme === 'jkt-jwt') {
    const key = await loadKey(values, scheme);
    const jwt = await createJktJwt({ stableKey: key, ephemeralKey: key.publicJwk, now: context.now });
    return { key, signatureKey: jktJwtSignatureKey(jwt) };
  }
  if (scheme === 'jwks_uri') return asServer(values);
  throw usageFailure(`--scheme is jwt, hwk, jkt-jwt or jwks_uri, not "${scheme}".`);
}

async function asAgent(values: Values, context: Context) {
  if (values.token !== undefined) throw usageFailure('--token needs --key: the key that the token binds.');
  const profiles = createProfiles(context.env);
  const profile = await profiles.load(values.profile);
  const { token, key } = await withNetwork(context, async ({ fetch }) => {
    const identity = await createIdentity({ context, profiles, profile, fetch });
    return identity.credentials();
  });
  return { key, signatureKey: jwtSignatureKey(token) };
}

async function withToken(values: Values, context: Context) {
  if (values.token === undefined) throw usageFailure('--key with scheme jwt needs --token: the token that binds it.');
  const token = Buffer.from(await readInput(values.token, context.stdin))
    .toString('utf8')
    .trim();
  return { key: await loadKey(values, 'jwt'), signatureKey: jwtSignatureKey(token) };
}

async function asServer(values: Values) {
  const key = await loadKey(values, 'jwks_uri');
  const { id, dwk, kid = key.kid } = values;
  if (!id || !dwk || !kid) {
    throw usageFailure(
      'The scheme jwks_uri needs --id, --dwk and --kid.',
      'For example: --id https://ps.example --dwk aauth-person.json --kid ps-1',
    );
  }
  return { key, signatureKey: jwksUriSignatureKey({ id, dwk, kid }) };
}

function loadKey({ key }: Values, scheme: string): Promise<SigningKey> {
  if (key === undefined) throw usageFailure(`The scheme ${scheme} needs --key FILE.`);
  return loadSigningKey(key);
}
