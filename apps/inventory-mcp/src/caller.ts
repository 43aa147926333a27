import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';

/**
 * To whom sessions and orders belong: the person where there is one, else the agent or server, else the key. The level is left out,
 * since a person who grants more stays who they are.
 */
export function ownerOf({ agent, agentServer, personServer, subject, jkt }: ForwardedPrincipal): string {
  if (subject !== undefined) return JSON.stringify(['person', personServer, subject]);
  if (agentServer !== undefined) return JSON.stringify(['agent', agentServer, agent ?? null]);
  return JSON.stringify(['key', jkt]);
}
