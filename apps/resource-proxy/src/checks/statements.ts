import { formatForwardedHeaders, type Principal } from '@aauth-stack/aauth/resource';
import type { ProtectedResource } from '../resources/protected-resource.ts';

/** The headers in which the service behind is told about a verified sender. */
export function statementsOn({
  principal,
  resource,
}: {
  readonly principal: Principal;
  readonly resource: ProtectedResource;
}): Record<string, string> {
  const token = resource.config.forwardToken && 'token' in principal ? principal.token.compact : undefined;
  return formatForwardedHeaders(principal, { token });
}
