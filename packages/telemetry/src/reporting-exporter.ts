import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

export interface ReportingExporter extends SpanExporter {
  /** Says, unless that was said before, that spans are lost. */
  reportFailure(): void;
}

/** An exporter that says once, in one line, when its spans do not arrive; the SDK itself would stay silent. */
export function reportingExporter(
  exporter: SpanExporter,
  url: string,
  print: (line: string) => void,
): ReportingExporter {
  let reported = false;
  const reportFailure = () => {
    if (!reported) print(`no OTLP receiver answers at ${url}; spans are lost, everything else works.`);
    reported = true;
  };
  return {
    export(spans, callback) {
      exporter.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) reportFailure();
        callback(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
    reportFailure,
  };
}
