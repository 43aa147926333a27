import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import { SignatureError } from '@aauth-stack/aauth/errors';
import { agentDomain, type IdentifierPolicy, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import type { RevocationStore } from '@aauth-stack/aauth/resource';
import {
  isReplayChecked,
  messageFromRequest,
  type ReplayCache,
  replayExpiry,
  replayId,
  verifyMessage,
} from '@aauth-stack/aauth/signatures';
import { createTokenVerifier, jwtScheme, type VerifiedAgentToken } from '@aauth-stack/aauth/tokens';
import { attribute, verificationAttributes, withSpan } from '@aauth-stack/telemetry';
import { type Trust, untrustedProvider } from '../agent-providers/trust.ts';
import type { AppContext, Step } from '../environment.ts';

export interface VerifyAgentOptions {
  /** Who we are: what `@authority` of a request to us is, whatever its `Host` says. */
  origin: ServerIdentifier;
  trust: Trust;
  /**
   * Whether an agent provider that is not trusted counts for this request all the same. Asked before anything of a stranger's is
   * fetched, so it has to hold by itself.
   */
  admits: (issuer: ServerIdentifier, c: AppContext, body: Uint8Array) => Promise<boolean>;
  revocations: Pick<RevocationStore, 'isRevoked'>;
  discovery: Discovery;
  identifiers: IdentifierPolicy;
  keys: KeyBackend;
  seen: ReplayCache;
  now: Clock;
}

/**
 * Refuses a request that is not signed, over its whole body and for the first time, by an agent with a valid agent token of a
 * provider that counts here: a trusted one, or one that is admitted to this request. 401 with `Signature-Error`.
 */
export function verifyAgent(options: VerifyAgentOptions): Step {
  const { origin, seen } = options;
  return async function verifyAgent(c, next) {
    const body = new Uint8Array(await c.req.arrayBuffer());
    await withSpan('aauth.verify', { [attribute.resource]: origin }, async (span) => {
      const message = messageFromRequest(c.req.raw, { authority: agentDomain(origin) });
      const signature = await verifyMessage(message, {
        schemes: { jwt: jwtScheme({ verifyToken: agentTokenVerifier(options, c, body) }) },
        body,
        requireBodyCoverage: true,
        keys: options.keys,
        now: options.now,
      });
      const { identity, jkt, components, base, publicJwk } = signature;
      if (identity.scheme !== 'jwt') throw new TypeError(`The scheme ${identity.scheme} is not accepted here.`);
      const { issuer, agent } = identity.token;
      const isFirst = () => seen.claim(replayId(signature), replayExpiry(signature), [issuer, agent]);
      if (isReplayChecked(message, signature) && !(await isFirst())) {
        throw new SignatureError('invalid_signature', 'This request has been received before; sign it again.');
      }
      span.setAttributes(
        verificationAttributes({ ...factsOf(identity.token), jkt, algorithm: publicJwk.alg, components, base }),
      );
      c.set('agentToken', identity.token);
    });
    c.set('verifiedBody', body);
    await next();
  };
}

function agentTokenVerifier(options: VerifyAgentOptions, c: AppContext, body: Uint8Array) {
  const { trust, admits, revocations, discovery, identifiers, keys, now } = options;
  return createTokenVerifier({
    discovery,
    identifiers,
    keys,
    now,
    revoked: revocations.isRevoked,
    agentProviders: async (issuer) => {
      if ((await trust.isTrusted(issuer)) || (await admits(issuer, c, body))) return { issuer };
      throw untrustedProvider(issuer);
    },
  });
}

function factsOf({ type: tokenType, claims, agent }: VerifiedAgentToken) {
  return { result: 'verified', level: 'identified', scheme: 'jwt', tokenType, claims, agent } as const;
}

/** What log lines about a request to a token endpoint say of the agent. */
export function agentFacts(c: AppContext) {
  const { agent, issuer } = c.get('agentToken');
  return { agent, agentProvider: issuer };
}
