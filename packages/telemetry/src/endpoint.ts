const defaultEndpoint = 'http://localhost:4317';

/**
 * Where spans go: `OTEL_EXPORTER_OTLP_ENDPOINT`, else the former `JAEGER_HOST` and `JAEGER_PORT` (with a warning), else
 * a collector on this machine.
 */
export function otlpEndpoint(
  environment: Readonly<Record<string, string | undefined>>,
  warn: (line: string) => void,
): string {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, JAEGER_HOST: host, JAEGER_PORT: port } = environment;
  if (endpoint) return endpoint;
  if (!host) return defaultEndpoint;
  const former = `http://${host}:${port || 4317}`;
  warn(`JAEGER_HOST and JAEGER_PORT are former names; please set OTEL_EXPORTER_OTLP_ENDPOINT=${former}.`);
  return former;
}
