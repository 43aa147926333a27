import { agentDomain, isLoopbackHost, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Step } from '../environment.ts';

/**
 * Sends a browser that opened a page under another name of this machine (`http://127.0.0.1:8765/ui`) to the same page at the
 * configured origin, where its cookie works. Only among loopback names: behind a proxy `Host` may be anything.
 */
export function ownAddress(origin: ServerIdentifier): Step {
  const own = agentDomain(origin);
  const isLoopback = isLoopbackHost(new URL(origin).hostname);
  return async function ownAddress(c, next) {
    const { host, hostname, pathname, search } = new URL(c.req.url);
    const isOtherName = isLoopback && host !== own && isLoopbackHost(hostname);
    return isOtherName ? c.redirect(`${origin}${pathname}${search}`, 302) : next();
  };
}
