import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources';
import { presentedAttributes } from './presented-token.ts';
import { requestHeaderAttributes, responseHeaderAttributes, secretParameters } from './protocol-headers.ts';

/** `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and an identifier per process; nothing of the machine or its user. */
export const resourceDetectors = [envDetector, serviceInstanceIdDetector];

/** Health checks; and where spans are received, or each delivery would cause the next. */
const untracedPath = /^\/(healthz|readyz|otlp\/v1\/traces)(\?|$)/;

/**
 * Inbound requests through `node:http`, outbound ones through undici, be it the npm package or the global `fetch`. Of the headers
 * those are kept that the protocol is made of, with nothing in them that could be used (protocol-headers.ts); of `Signature-Key` a
 * client's span says the scheme and the type of the token too.
 */
export const instrumentations = [
  new HttpInstrumentation({
    ignoreIncomingRequestHook: (request) => untracedPath.test(request.url ?? ''),
    disableOutgoingRequestInstrumentation: true,
    redactedQueryParamsServer: secretParameters,
    startIncomingSpanHook: (request) => requestHeaderAttributes((name) => request.headersDistinct[name]),
    applyCustomAttributesOnSpan: (span, _request, response) => {
      if ('getHeader' in response) span.setAttributes(responseHeaderAttributes((name) => response.getHeader(name)));
    },
  }),
  new UndiciInstrumentation({
    ignoreRequestHook: (request) => untracedPath.test(request.path),
    startSpanHook: (request) => {
      const url = withoutSecrets(new URL(request.path, request.origin));
      const header = sentHeaders(request.headers);
      const signatureKey = header('signature-key');
      const presented = presentedAttributes(typeof signatureKey === 'string' ? signatureKey : undefined);
      return { 'url.full': url.href, 'url.query': url.search, ...presented, ...requestHeaderAttributes(header) };
    },
    responseHook: (span, { response }) => {
      span.setAttributes(responseHeaderAttributes(receivedHeaders(response.headers)));
    },
  }),
];

// undici has request headers as a flat list of names and values.
function sentHeaders(headers: string | readonly (string | string[])[]) {
  return (name: string): string | readonly string[] | undefined => {
    if (typeof headers === 'string') return undefined;
    const index = headers.findIndex((field, at) => at % 2 === 0 && String(field).toLowerCase() === name);
    return index === -1 ? undefined : headers[index + 1];
  };
}

// And those of a response as a flat list of their bytes.
function receivedHeaders(headers: readonly Buffer[]) {
  return (name: string): string[] | undefined => {
    const values = headers.filter((_value, at) => at % 2 === 1 && headers[at - 1]?.toString().toLowerCase() === name);
    return values.length > 0 ? values.map(String) : undefined;
  };
}

function withoutSecrets(url: URL): URL {
  for (const name of secretParameters) if (url.searchParams.has(name)) url.searchParams.set(name, 'REDACTED');
  return url;
}
