import { proxySecretHeader } from '@aauth-stack/aauth/resource';

export const proxySecret = 'proxy-secret-of-the-tests';

export const caller = 'aauth:supply-chain-12345678@agent-provider.localhost:8766';

/** What the proxy adds to a request that it has verified. */
export const forwarded: Readonly<Record<string, string>> = {
  [proxySecretHeader]: proxySecret,
  'x-aauth-level': 'identified',
  'x-aauth-scheme': 'jwt',
  'x-aauth-token-type': 'aa-agent+jwt',
  'x-aauth-jkt': 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  'x-aauth-agent': caller,
  'x-aauth-agent-server': 'http://agent-provider.localhost:8766',
  'x-aauth-delegate': caller,
};

/** A fetch that the proxy has let through. */
export const throughProxy: typeof fetch = (input, init) => {
  const request = new Request(input, init);
  for (const [name, value] of Object.entries(forwarded)) request.headers.set(name, value);
  return fetch(request);
};
