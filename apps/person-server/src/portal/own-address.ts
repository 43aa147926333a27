import { agentDomain, isLoopbackHost, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Step } from '../environment.ts';

/**
 * Sends a browser that opened the page under another name of this machine (`http://127.0.0.1:8765/ui`) to the configured origin,
 * where its cookie and its forms work. Only among loopback names: behind a proxy `Host` may be anything.
 */
export function ownAddress(origin: ServerIdentifier): Step {
  const own = agentDomain(origin);
  const isLoopback = isLoopbackHost(new URL(origin).hostname);
  return async function ownAddress(c, next) {
    const asked = new URL(c.req.url);
    const isOtherName = isLoopback && asked.host !== own && isLoopbackHost(asked.hostname);
    return isOtherName ? c.redirect(`${origin}/ui`, 302) : next();
  };
}
