import { readFileSync } from 'node:fs';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type ReportingExporter, reportingExporter } from './reporting-exporter.ts';

/**
 * Where the same spans go a second time, for people who watch a run as it happens: `AAUTH_FLOW_EXPORTER_URL`, as OTLP over HTTP in
 * JSON, with `AAUTH_FLOW_SECRET`, or what the file `AAUTH_FLOW_SECRET_FILE` holds, as bearer token. Undefined where it is
 * not set.
 */
export function flowExporter(
  environment: Readonly<Record<string, string | undefined>>,
  timeoutMillis: number,
  print: (line: string) => void,
): ReportingExporter | undefined {
  const { AAUTH_FLOW_EXPORTER_URL: url } = environment;
  if (!url) return undefined;
  if (!URL.canParse(url)) {
    print(`AAUTH_FLOW_EXPORTER_URL is not a URL: "${url}"; the flow view stays empty, everything else works.`);
    return undefined;
  }
  const secret = environment.AAUTH_FLOW_SECRET || secretFromFile(environment.AAUTH_FLOW_SECRET_FILE, print);
  const headers: Record<string, string> = secret ? { authorization: `Bearer ${secret}` } : {};
  return reportingExporter(
    new OTLPTraceExporter({ url, headers, timeoutMillis }),
    `nobody takes spans at ${url} (AAUTH_FLOW_EXPORTER_URL); the flow view misses them, everything else works.`,
    print,
  );
}

function secretFromFile(file: string | undefined, print: (line: string) => void): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    print(`AAUTH_FLOW_SECRET_FILE cannot be read: "${file}"; the flow view may stay empty, everything else works.`);
    return undefined;
  }
}
