import { createRevocationEndpoint } from '@aauth-stack/aauth/resource';
import type { Logger } from '@aauth-stack/service/logger';
import type { ResourceConfig } from '../configuration/resource-config.ts';
import type { VerificationTools } from '../resources/protected-resource.ts';
import { revocationIssuers } from './revocation-issuers.ts';

/**
 * The revocation endpoint of a resource. What it is told holds for every resource of this proxy, since an issuer can only
 * take back its own tokens.
 */
export function createResourceRevocations(
  config: ResourceConfig,
  { discovery, identifiers, keys, now, revocations }: VerificationTools,
  log: Logger,
): (request: Request) => Promise<Response> {
  const resource = { resource_id: config.id };
  return createRevocationEndpoint({
    discovery,
    identifiers,
    keys,
    now,
    identifier: config.identifier,
    authority: config.authorities,
    window: config.signatureWindow,
    accepted: revocationIssuers(config),
    store: {
      isRevoked: (token) => revocations.isRevoked(token),
      async revoke(revocation) {
        await revocations.revoke(revocation);
        const { issuer, jti, expiresAt } = revocation;
        log.info({ ...resource, issuer, jti, until: new Date(expiresAt * 1000).toISOString() }, 'token revoked');
      },
    },
    observe(verdict) {
      if (verdict.ok) return;
      const { code: reason, message: detail } = verdict.error;
      log.warn({ ...resource, reason, detail }, 'revocation refused');
    },
  });
}
