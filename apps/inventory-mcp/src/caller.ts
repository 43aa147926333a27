import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { verificationAttributes } from '@aauth-stack/telemetry';

/**
 * To whom sessions and orders belong: the person where there is one, else the agent or server, else the key. The level is left out,
 * since a person who grants more stays who they are.
 */
export function ownerOf({ agent, agentServer, personServer, subject, jkt }: ForwardedPrincipal): string {
  if (subject !== undefined) return JSON.stringify(['person', personServer, subject]);
  if (agentServer !== undefined) return JSON.stringify(['agent', agentServer, agent ?? null]);
  return JSON.stringify(['key', jkt]);
}

/** The caller as spans carry it. */
export function callerAttributes(caller: ForwardedPrincipal): Record<string, string | string[]> {
  const { level, scheme, tokenType, agent, personServer, subject, scope, jkt } = caller;
  return verificationAttributes({
    result: 'forwarded',
    level,
    scheme,
    tokenType,
    agent,
    personIssuer: personServer,
    personSubject: subject,
    scope: scope.length > 0 ? scope : undefined,
    jkt,
  });
}
