import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources';

/** `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and an identifier per process; nothing of the machine or its user. */
export const resourceDetectors = [envDetector, serviceInstanceIdDetector];

/** Query parameters whose values are secrets of a person or an agent. */
const secretParameters = ['code', 'token', 'access_token', 'secret'];

const healthPath = /^\/(healthz|readyz)(\?|$)/;

/**
 * Inbound requests through `node:http`, outbound ones through undici, be it the npm package or the global `fetch`. No
 * header is captured: they carry signatures and tokens.
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
      return { 'url.full': url.href, 'url.query': url.search };
    },
  }),
];

function withoutSecrets(url: URL): URL {
  for (const name of secretParameters) if (url.searchParams.has(name)) url.searchParams.set(name, 'REDACTED');
  return url;
}
