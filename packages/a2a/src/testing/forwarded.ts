import { proxySecretHeader } from '@aauth-stack/aauth/resource';

/** The secret that a test's proxy and agent share. */
export const proxySecret = 'proxy-secret-of-the-tests-0123456789';

/** What the proxy adds to a request of an agent, once it has verified it. */
export function forwardedFrom(agent: string, agentProvider: string): Record<string, string> {
  return {
    [proxySecretHeader]: proxySecret,
    'x-aauth-level': 'identified',
    'x-aauth-scheme': 'jwt',
    'x-aauth-token-type': 'aa-agent+jwt',
    'x-aauth-jkt': 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    'x-aauth-agent': agent,
    'x-aauth-agent-server': agentProvider,
    'x-aauth-delegate': agent,
  };
}

/** A fetch whose requests the proxy has let through. */
export function fetchThroughProxy(forwarded: Readonly<Record<string, string>>): typeof fetch {
  return (input, init) => {
    const request = new Request(input, init);
    for (const [name, value] of Object.entries(forwarded)) request.headers.set(name, value);
    return fetch(request);
  };
}
