import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

export interface ReportingExporter extends SpanExporter {
  /** Says, unless that was said before or all was sent, that spans are lost. */
  reportUnsent(): void;
}

/**
 * An exporter that says once, in one line, when its spans do not arrive; the SDK itself would stay silent.
 *
 * @param line what it says
 */
export function reportingExporter(
  exporter: SpanExporter,
  line: string,
  print: (line: string) => void,
): ReportingExporter {
  let reported = false;
  let finished = false;
  const report = () => {
    if (!reported) print(line);
    reported = true;
  };
  return {
    export(spans, callback) {
      exporter.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) report();
        callback(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    async shutdown() {
      await exporter.shutdown();
      finished = true;
    },
    reportUnsent() {
      if (!finished) report();
    },
  };
}
