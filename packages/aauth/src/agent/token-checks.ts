import { PeerError, SignatureError } from '../errors.ts';

/** One thing that a token must say. */
export interface Expectation {
  readonly claim: string;
  readonly expected: unknown;
  readonly received: unknown;
}

/**
 * Verifies a token that a peer handed to this agent, then compares it with what is known here.
 *
 * @param what names the token and who it comes from
 * @param code of the error, `invalid_…`
 * @throws PeerError 502 with `code`, the reason in its detail, and the first claim that differs in its cause
 * @throws UnavailableError when the issuer's keys cannot be fetched
 */
export async function checkToken<Token>(
  what: string,
  code: string,
  verify: () => Promise<Token>,
  expectations: (token: Token) => readonly Expectation[],
): Promise<Token> {
  try {
    const token = await verify();
    const wrong = expectations(token).find(({ expected, received }) => expected !== received);
    if (wrong) throw new PeerError(code, 502, `${what} cannot be used: ${describe(wrong)}.`, { cause: wrong });
    return token;
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new PeerError(code, 502, `${what} cannot be used. ${error.message}`, { cause: error });
  }
}

function describe({ claim, expected, received }: Expectation): string {
  return `its ${claim} is ${show(received)}, not ${show(expected)}`;
}

function show(value: unknown): string {
  return value === undefined ? '(absent)' : String(value).slice(0, 200);
}
