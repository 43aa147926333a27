import { SignatureError } from '../src/errors.ts';
import type { KeyBackend, SigningKey } from '../src/keys/types.ts';
import { nodeKeys } from '../src/node/keys.ts';
import { hwkScheme } from '../src/signatures/hwk.ts';
import { signMessage } from '../src/signatures/sign.ts';
import { signatureBase } from '../src/signatures/signature-base.ts';
import { parseSignatureInput } from '../src/signatures/signature-input.ts';
import { hwkSignatureKey } from '../src/signatures/signature-key.ts';
import type { HttpMessage, SignOptions, VerifiedSignature } from '../src/signatures/types.ts';
import { type VerifyMessageOptions, verifyMessage } from '../src/signatures/verify.ts';

/** The time at which requests are signed and verified unless a test says otherwise. */
export const signedAt = 1_790_000_000;

export const body = new TextEncoder().encode('{"agent_name":"buyer"}');

/** A request that can be altered before it is verified. */
export interface EditableMessage extends HttpMessage {
  method: string;
  authority: string;
  path: string;
  query: string;
  headers: Headers;
}

export async function newKey(alg: 'Ed25519' | 'ES256' = 'Ed25519', keys: KeyBackend = nodeKeys): Promise<SigningKey> {
  return keys.signingKey(await keys.generate(alg));
}

/** `POST https://agent.example/tasks?limit=3` with a JSON body, everything covered, signed with scheme `hwk`. */
export async function signedRequest(
  options: Partial<SignOptions> & Partial<Omit<HttpMessage, 'headers'>> & { headers?: Record<string, string> } = {},
): Promise<EditableMessage> {
  const { method = 'POST', authority = 'agent.example', path = '/tasks', query = '?limit=3', ...rest } = options;
  const { headers = { 'content-type': 'application/json' }, ...signOptions } = rest;
  const key = signOptions.key ?? (await newKey());
  const message = { method, authority, path, query, headers: new Headers(headers) };
  const signed = await signMessage(message, {
    key,
    signatureKey: hwkSignatureKey(key.publicJwk),
    additionalComponents: ['@query'],
    created: signedAt,
    ...(method === 'GET' ? {} : { body }),
    ...signOptions,
  });
  for (const [name, value] of Object.entries(signed)) message.headers.set(name, value);
  return message;
}

export const acceptingOptions: VerifyMessageOptions<never> = {
  schemes: { hwk: hwkScheme({ keys: nodeKeys }) },
  requiredComponents: ['@query'],
  requireBodyCoverage: true,
  now: () => signedAt + 1,
  keys: nodeKeys,
  body,
};

export function verify(
  message: HttpMessage,
  options: Partial<VerifyMessageOptions<never>> = {},
): Promise<VerifiedSignature<never>> {
  return verifyMessage(message, { ...acceptingOptions, ...options });
}

/** The error a promise is rejected with; fails when it is fulfilled or rejected with anything else. */
export async function refusal(verification: Promise<unknown>): Promise<SignatureError> {
  try {
    await verification;
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

/** Replaces a part of a header field; fails when it has no such part. */
export function edit(message: EditableMessage, field: string, from: string | RegExp, to: string): void {
  const value = message.headers.get(field) ?? '';
  const edited = value.replace(from, to);
  if (edited === value) throw new Error(`${field} has nothing to edit: ${value}`);
  message.headers.set(field, edited);
}

/** Signs a message anew with further parameters or another label, as a peer might; returns `Signature-Input` and `Signature`. */
export async function signAgain(
  message: EditableMessage,
  key: SigningKey,
  parameters: string,
  label = 'sig',
): Promise<[string, string]> {
  const field = `${(message.headers.get('signature-input') ?? '').replace(/^[a-z]+/, label)}${parameters}`;
  const { components, signatureParams } = parseSignatureInput(field, []);
  const signature = await key.sign(new TextEncoder().encode(signatureBase(message, components, signatureParams)));
  return [field, `${label}=:${Buffer.from(signature).toString('base64')}:`];
}
