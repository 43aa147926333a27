import type { Clock } from '@aauth-stack/aauth/clock';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import { messageFromRequest, type SchemeTable, verifyMessage } from '@aauth-stack/aauth/signatures';
import type { PresentedToken } from '@aauth-stack/aauth/tokens';
import { verificationAttributes, withSpan } from '@aauth-stack/telemetry';
import type { Context } from 'hono';
import type { ProviderEnv, SignedRequest } from './env.ts';

export interface SignatureCheckOptions {
  /** `@authority` of this provider: from its configured identifier, whatever `Host` says. */
  authority: string;
  keys: KeyBackend;
  now: Clock;
}

/** Verifies a request's signature, which covers the body when there is one. */
export function verifySignedRequest(
  c: Context<ProviderEnv>,
  schemes: SchemeTable<PresentedToken>,
  { authority, keys, now }: SignatureCheckOptions,
): Promise<SignedRequest> {
  return withSpan('aauth.verify', { 'aauth.resource': authority }, async (span) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    const message = messageFromRequest(c.req.raw, { authority });
    const signature = await verifyMessage(message, { schemes, now, keys, body, requireBodyCoverage: true });
    const { identity, jkt, components, base } = signature;
    const agent = identity.scheme === 'jwks_uri' ? identity.server : undefined;
    span.setAttributes(
      verificationAttributes({ result: 'verified', scheme: identity.scheme, jkt, components, base, agent }),
    );
    return { message, signature };
  });
}
