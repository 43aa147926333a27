import type { Clock } from '@aauth-stack/aauth/clock';
import { AAuthError } from '@aauth-stack/aauth/errors';
import { agentDomain, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import { messageFromRequest, type SchemeTable, verifyMessage } from '@aauth-stack/aauth/signatures';
import type { PresentedToken } from '@aauth-stack/aauth/tokens';
import { attribute, type VerificationFacts, verificationAttributes, withSpan } from '@aauth-stack/telemetry';
import type { Context } from 'hono';
import type { ProviderEnv, SignedRequest } from './env.ts';

export interface SignatureCheckOptions {
  /** Gives `@authority`: that of the configured identifier, whatever `Host` says. */
  issuer: ServerIdentifier;
  keys: KeyBackend;
  now: Clock;
}

/** Verifies a request's signature, which covers the body when there is one. */
export function verifySignedRequest(
  c: Context<ProviderEnv>,
  schemes: SchemeTable<PresentedToken>,
  { issuer, keys, now }: SignatureCheckOptions,
): Promise<SignedRequest> {
  return withSpan('aauth.verify', { [attribute.resource]: issuer }, async (span) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    const message = messageFromRequest(c.req.raw, { authority: agentDomain(issuer) });
    try {
      const signature = await verifyMessage(message, { schemes, now, keys, body, requireBodyCoverage: true });
      span.setAttributes(verificationAttributes(factsOf({ message, signature })));
      return { message, signature };
    } catch (error) {
      const { code, message } = error instanceof AAuthError ? error : {};
      span.setAttributes(verificationAttributes({ result: 'refused', error: code, errorDetail: message }));
      throw error;
    }
  });
}

function factsOf({ signature: { identity, jkt, components, base, publicJwk } }: SignedRequest): VerificationFacts {
  const level = identity.scheme === 'jwks_uri' ? 'identified' : 'pseudonymous';
  return { result: 'verified', level, scheme: identity.scheme, jkt, algorithm: publicJwk.alg, components, base };
}
