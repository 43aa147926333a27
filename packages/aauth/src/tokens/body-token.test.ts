import { describe, expect, it } from 'vitest';
import { type BodyTokenKind, SignatureError, TokenRequestError, UnavailableError } from '../errors.ts';
import { toProblem } from '../problem.ts';
import { readBodyToken } from './body-token.ts';

const failing = (error: Error) => async () => {
  throw error;
};

describe('a token in a body', () => {
  const kinds: BodyTokenKind[] = ['resource', 'presented', 'upstream', 'subagent'];
  it.each(kinds)('that is a %s token fails by its own name, with 400 and no signature header', async (kind) => {
    await expect(readBodyToken(kind, async () => 'token')).resolves.toBe('token');
    const codes = {
      expired_jwt: `expired_${kind}_token`,
      revoked_jwt: `revoked_${kind}_token`,
      clock_skew: 'clock_skew',
      invalid_jwt: `invalid_${kind}_token`,
      unknown_key: `invalid_${kind}_token`,
      issuer_mismatch: `invalid_${kind}_token`,
      unsupported_algorithm: `invalid_${kind}_token`,
    } as const;
    for (const [code, expected] of Object.entries(codes)) {
      const known = Object.keys(codes).find((name): name is keyof typeof codes => name === code);
      if (!known) throw new TypeError(code);
      const error = await readBodyToken(kind, failing(new SignatureError(known, 'why'))).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(TokenRequestError);
      const { status, headers, body } = toProblem(error);
      expect(status).toBe(400);
      expect(headers).toEqual({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
      expect(JSON.parse(body)).toMatchObject({
        type: 'about:blank',
        error: expected,
        detail: expect.stringContaining('why'),
      });
    }
  });

  it('whose issuer cannot be asked is nobody’s bad token', async () => {
    const down = new UnavailableError('down');
    await expect(readBodyToken('resource', failing(down))).rejects.toBe(down);
    await expect(readBodyToken('resource', failing(new TypeError('bug')))).rejects.toThrow(TypeError);
  });
});
