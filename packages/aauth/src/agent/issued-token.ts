import { PeerError, SignatureError } from '../errors.ts';
import type { IdentifierPolicy, ServerIdentifier } from '../identifiers.ts';
import type { KeyBackend, SigningKey } from '../keys/types.ts';
import { agentTokenProfile } from '../tokens/agent-token.ts';
import { parseJwt } from '../tokens/jwt.ts';
import { checkCommonClaims } from '../tokens/profile.ts';
import type { AgentCredentials } from './session-types.ts';

// As verifiers allow; further off, they would refuse the token in any case.
const window = 60;

/**
 * Reads the agent token that the provider has just issued: it must be a valid agent token of that provider for our key and our
 * person server. Its JWS signature is left to the verifiers; it came from the provider's own endpoint.
 *
 * @throws PeerError `invalid_response`
 */
export async function readIssuedToken(
  compact: unknown,
  expected: {
    readonly provider: ServerIdentifier;
    readonly personServer: ServerIdentifier | undefined;
    readonly key: SigningKey;
    readonly keys: KeyBackend;
    readonly identifiers: IdentifierPolicy;
    /** Seconds since the epoch. */
    readonly time: number;
  },
): Promise<AgentCredentials> {
  const { provider, personServer, key, keys, identifiers, time } = expected;
  if (typeof compact !== 'string') throw unusable(provider, 'the answer has no agent_token');
  const token = await check(provider, async () => {
    const jwt = checkCommonClaims(parseJwt(compact, [agentTokenProfile.type]), agentTokenProfile, {
      time,
      window,
      identifiers,
      keys,
    });
    return agentTokenProfile.complete(jwt, { time, window, identifiers, keys });
  });
  if (token.issuer !== provider) throw unusable(provider, `it is issued by ${token.issuer}`);
  if (token.key.thumbprint !== key.thumbprint) throw unusable(provider, 'it binds another key than the one that asked');
  if (personServer !== undefined && token.personServer !== personServer) {
    throw unusable(provider, `it names the person server ${token.personServer ?? '(none)'}, not ${personServer}`);
  }
  const { agent, claims, expiresAt } = token;
  return Object.freeze({ token: compact, key, agent, claims, expiresAt });
}

async function check<Token>(provider: ServerIdentifier, read: () => Promise<Token>): Promise<Token> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw unusable(provider, error.message, error);
  }
}

function unusable(provider: ServerIdentifier, reason: string, cause?: unknown): PeerError {
  return new PeerError('invalid_response', 502, `The agent token of ${provider} cannot be used: ${reason}.`, { cause });
}
