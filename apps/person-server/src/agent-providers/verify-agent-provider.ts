import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import { SignatureError } from '@aauth-stack/aauth/errors';
import { agentDomain, type IdentifierPolicy, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import {
  messageFromRequest,
  type ReplayCache,
  replayExpiry,
  replayId,
  type VerifiedSignature,
  verifyMessage,
} from '@aauth-stack/aauth/signatures';
import { jwksUriScheme, metadataDocuments } from '@aauth-stack/aauth/tokens';
import { attribute, verificationAttributes, withSpan } from '@aauth-stack/telemetry';
import type { AppContext, Step } from '../environment.ts';

export interface VerifyAgentProviderOptions {
  /** Who we are: what `@authority` of a request to us is, whatever its `Host` says. */
  origin: ServerIdentifier;
  /** Who may call. */
  agentProvider: ServerIdentifier;
  discovery: Discovery;
  identifiers: IdentifierPolicy;
  keys: KeyBackend;
  seen: ReplayCache;
  now: Clock;
}

/**
 * Refuses a request that is not signed by the Agent Provider, in that role, over the whole body, for the first time. Leaves the
 * bytes that were verified in `verifiedBody`.
 */
export function verifyAgentProvider(options: VerifyAgentProviderOptions): Step {
  const { origin, agentProvider, discovery, identifiers } = options;
  const accepted = [{ issuer: agentProvider, dwk: metadataDocuments.agentProvider }];
  const schemes = { jwks_uri: jwksUriScheme({ discovery, identifiers, accepted }) };

  const verify = async (c: AppContext, body: Uint8Array): Promise<VerifiedSignature> => {
    const { keys, now, seen } = options;
    const message = messageFromRequest(c.req.raw, { authority: agentDomain(origin) });
    const signature = await verifyMessage(message, { schemes, body, requireBodyCoverage: true, keys, now });
    if (await seen.claim(replayId(signature), replayExpiry(signature), [agentProvider])) return signature;
    throw new SignatureError('invalid_signature', 'This request has been received before.');
  };

  return async function verifyAgentProvider(c, next) {
    const body = new Uint8Array(await c.req.arrayBuffer());
    await withSpan('aauth.verify', { [attribute.resource]: origin }, async (span) => {
      const signature = await verify(c, body);
      span.setAttributes(verificationAttributes({ result: 'verified', level: 'identified', ...factsOf(signature) }));
    });
    c.set('verifiedBody', body);
    await next();
  };
}

function factsOf({ identity, jkt, components, base, publicJwk }: VerifiedSignature) {
  return { scheme: identity.scheme, jkt, algorithm: publicJwk.alg, components, base };
}
