import type { IncomingHttpHeaders } from 'node:http';
import type { CorsPolicy } from '../configuration/gateway-schema.ts';

/** Whether a request asks for permission to make another one (Fetch Standard, "CORS-preflight fetch"). */
export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** The headers of the answer to a preflight; without permission only `vary`. */
export function preflightHeaders(policy: CorsPolicy, headers: IncomingHttpHeaders): Record<string, string> {
  const granted = corsHeaders(policy, headers.origin);
  if (!granted['access-control-allow-origin']) return granted;
  const asked = headers['access-control-request-headers'] ?? '';
  const allowHeaders = policy.allowHeaders.includes('*') ? asked : policy.allowHeaders.join(', ');
  const askedMethod = headers['access-control-request-method'] ?? '';
  return {
    ...granted,
    'access-control-allow-methods': policy.allowMethods.length > 0 ? policy.allowMethods.join(', ') : askedMethod,
    ...(allowHeaders ? { 'access-control-allow-headers': allowHeaders } : {}),
    ...(policy.maxAge === undefined ? {} : { 'access-control-max-age': String(Math.floor(policy.maxAge)) }),
  };
}

/** The headers that let a web page of an allowed origin read a response. */
export function corsHeaders(policy: CorsPolicy, origin: string | undefined): Record<string, string> {
  const vary = { vary: 'Origin' };
  if (origin === undefined) return vary;
  const allowed = policy.allowOrigins.includes('*') ? '*' : policy.allowOrigins.find((known) => known === origin);
  if (!allowed) return vary;
  return {
    ...vary,
    'access-control-allow-origin': allowed,
    ...(policy.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(policy.exposeHeaders.length > 0 ? { 'access-control-expose-headers': policy.exposeHeaders.join(', ') } : {}),
  };
}

/** The response's headers with this gateway's word on CORS in place of the backend's. */
export function withCors(
  headers: Readonly<Record<string, string | string[]>>,
  cors: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const merged: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('access-control-')) merged[name] = value;
  }
  const vary = [headers.vary ?? [], cors.vary ?? []].flat().join(', ');
  return { ...merged, ...cors, ...(vary ? { vary } : {}) };
}
