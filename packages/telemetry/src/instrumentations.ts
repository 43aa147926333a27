import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources';
import { presentedAttributes } from './presented-token.ts';

/** `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and an identifier per process; nothing of the machine or its user. */
export const resourceDetectors = [envDetector, serviceInstanceIdDetector];

/** Query parameters whose values are secrets of a person or an agent. */
const secretParameters = ['code', 'token', 'access_token', 'secret'];

const healthPath = /^\/(healthz|readyz)(\?|$)/;

/**
 * Inbound requests through `node:http`, outbound ones through undici, be it the npm package or the global `fetch`. No
 * header is captured, since they carry signatures and tokens; of `Signature-Key` a request's span says the scheme and the
 * type of the token.
 */
export const instrumentations = [
  new HttpInstrumentation({
    ignoreIncomingRequestHook: (request) => healthPath.test(request.url ?? ''),
    disableOutgoingRequestInstrumentation: true,
    redactedQueryParamsServer: secretParameters,
  }),
  new UndiciInstrumentation({
    ignoreRequestHook: (request) => healthPath.test(request.path),
    startSpanHook: (request) => {
      const url = withoutSecrets(new URL(request.path, request.origin));
      const presented = presentedAttributes(headerOf(request.headers, 'signature-key'));
      return { 'url.full': url.href, 'url.query': url.search, ...presented };
    },
  }),
];

// undici has request headers as a flat list of names and values.
function headerOf(headers: string | readonly (string | string[])[], name: string): string | undefined {
  if (typeof headers === 'string') return undefined;
  const index = headers.findIndex((field, at) => at % 2 === 0 && String(field).toLowerCase() === name);
  const value = index === -1 ? undefined : headers[index + 1];
  return typeof value === 'string' ? value : undefined;
}

function withoutSecrets(url: URL): URL {
  for (const name of secretParameters) if (url.searchParams.has(name)) url.searchParams.set(name, 'REDACTED');
  return url;
}
