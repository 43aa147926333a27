import { fetchThroughProxy, forwardedFrom } from '@aauth-stack/a2a/testing';

export { proxySecret } from '@aauth-stack/a2a/testing';

export const caller = 'aauth:backend-app-12345678@agent-provider.localhost:8766';

/** What the proxy adds to the caller's requests. */
export const forwarded = forwardedFrom(caller, 'http://agent-provider.localhost:8766');

/** A fetch of the caller that the proxy has let through. */
export const throughProxy = fetchThroughProxy(forwarded);
