export { fetchThroughProxy, forwardedFrom, proxySecret } from './forwarded.ts';
