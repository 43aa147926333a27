/**
 * Loaded before the program, with `node --import @aauth-stack/telemetry/register`: traces inbound HTTP and outbound
 * undici requests and sends the spans over OTLP gRPC, and to whoever draws them as they come. It never keeps a service from
 * starting or stopping.
 */
import { createRequire } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { bounded } from './bounded.ts';
import { otlpEndpoint } from './endpoint.ts';
import { flowExporter } from './flow-exporter.ts';
import { instrumentations, resourceDetectors } from './instrumentations.ts';
import { printLine } from './print-line.ts';
import { reportingExporter } from './reporting-exporter.ts';
import { samplerOf } from './sampler.ts';
import { onShutdownTelemetry, shutdownMs, shutdownTelemetry } from './shutdown.ts';
import { liveProcessor, requestIdProcessor, tokenGuardProcessor } from './span-processors.ts';
import { startTracing } from './tracing.ts';

/** Short, so that a trace can be looked at as soon as the run has ended. */
const scheduledDelayMillis = 1_000;
const exportTimeoutMillis = 5_000;

/** Shorter, for people who watch; and long enough for a receiver that starts after this process. */
const live = { scheduledDelayMillis: 250, exportTimeoutMillis: 10_000, maxExportBatchSize: 128, maxQueueSize: 2_048 };

if (process.env.OTEL_SDK_DISABLED !== 'true') start();

function start(): void {
  const url = otlpEndpoint(process.env, printLine);
  const exporter = reportingExporter(
    new OTLPTraceExporter({ url, timeoutMillis: exportTimeoutMillis }),
    `no OTLP receiver answers at ${url}; spans are lost, everything else works.`,
    printLine,
  );
  const watching = flowExporter(process.env, live.exportTimeoutMillis, printLine);
  const tracing = startTracing({
    resourceDetectors,
    instrumentations,
    sampler: samplerOf(process.env, printLine),
    spanProcessors: [
      requestIdProcessor(),
      tokenGuardProcessor(),
      new BatchSpanProcessor({ exporter, scheduledDelayMillis, exportTimeoutMillis }),
      ...(watching ? [liveProcessor({ ...live, exporter: watching })] : []),
    ],
  });
  // Instruments the module now, whether or not anything of the program requires it in the way that would be noticed.
  createRequire(import.meta.url)('node:http');

  onShutdownTelemetry(async () => {
    const finished = await bounded(tracing.shutdown(), shutdownMs);
    if (!finished) for (const one of [exporter, watching]) one?.reportUnsent();
    return finished;
  });
}

process.once('beforeExit', async () => {
  // What is still waiting to be sent must not keep a finished program from ending.
  if (!(await shutdownTelemetry())) process.exit();
});
