import { describe, expect, it } from 'vitest';
import { newKey, refusal, signedRequest, verify } from '../test/signed-request.ts';
import { createTestParties } from '../test/support/agent-provider.ts';
import { isPending } from './maybe-promise.ts';
import { nodeKeys } from './node/keys.ts';
import { createTokenRecheck, createTokenVerifier } from './tokens/verify-token.ts';

const identifiers = { allowLoopback: false };

/** What a query of some database libraries is: a promise to whoever waits for it, and no instance of Promise. */
function query<Value>(value: Value): Promise<Value> {
  return new Proxy(Promise.resolve(value), {
    getPrototypeOf: () => Object.prototype,
    get: (promise, name) => (name === 'then' ? promise.then.bind(promise) : undefined),
  });
}

describe('an answer that comes later', () => {
  it('is waited for, whatever it is an instance of', async () => {
    expect(query(1)).not.toBeInstanceOf(Promise);
    expect([query(1), Promise.resolve(1), 1, undefined, null, {}, 'then'].map(isPending)).toEqual([
      ...[true, true],
      ...[false, false, false, false, false],
    ]);
    expect(await query(1)).toBe(1);
  });

  it('is not taken for the answer: who is accepted, what is revoked', async () => {
    const parties = await createTestParties();
    const verifier = { ...parties, identifiers, keys: nodeKeys, now: parties.clock.now };
    const compact = await parties.token();
    const known = { issuer: parties.issuer };
    const token = await createTokenVerifier({
      ...verifier,
      agentProviders: () => query(known),
      revoked: () => query(false),
    })(compact);

    const nobody = { ...verifier, agentProviders: () => query(undefined) };
    await expect(createTokenVerifier(nobody)(compact)).rejects.toMatchObject({ code: 'invalid_jwt' });
    await expect(createTokenRecheck(nobody)(token)).rejects.toMatchObject({ code: 'invalid_jwt' });

    const revoked = { ...verifier, agentProviders: () => query(known), revoked: () => query(true) };
    await expect(createTokenVerifier(revoked)(compact)).rejects.toMatchObject({ code: 'revoked_jwt' });
    await expect(createTokenRecheck(revoked)(token)).rejects.toMatchObject({ code: 'revoked_jwt' });
  });

  it('is not taken for the answer: whether a signature holds', async () => {
    const signing = await newKey();
    const message = await signedRequest({ key: signing });
    const key = await nodeKeys.verificationKey(signing.publicJwk);
    const answering = (holds: boolean) => ({
      schemes: {
        hwk: () => ({ key: { ...key, verify: () => query(holds) }, identity: { scheme: 'hwk' } as const }),
      },
    });
    await expect(verify(message, answering(true))).resolves.toMatchObject({ jkt: key.thumbprint });
    expect(await refusal(verify(message, answering(false)))).toMatchObject({ code: 'invalid_signature' });
  });
});
