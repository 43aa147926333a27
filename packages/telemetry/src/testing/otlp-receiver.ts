import { Server, ServerCredentials } from '@grpc/grpc-js';
import { decodeExportRequest } from './otlp-proto.ts';
import { type ReceivedSpan, receivedSpans } from './received-span.ts';

export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  endpoint: string;
  /** Every span so far, in order of arrival. */
  spans(): ReceivedSpan[];
  /** Everything that arrived, as it was on the wire: to look for what must not leave a process. */
  wire(): Buffer;
  /** Resolves with every span as soon as `condition` holds; rejects with the names that arrived after `timeoutMs`. */
  waitFor(condition: (spans: readonly ReceivedSpan[]) => boolean, timeoutMs?: number): Promise<ReceivedSpan[]>;
  close(): void;
}

/** An OTLP gRPC receiver on a free port that keeps the spans it gets, in place of a collector. */
export async function createOtlpReceiver(): Promise<OtlpReceiver> {
  const received: ReceivedSpan[] = [];
  const messages: Buffer[] = [];
  const arrived = new EventTarget();
  const server = new Server();
  server.addService(traceService, {
    export(call: { request: Buffer }, callback: (error: null, response: Buffer) => void) {
      messages.push(call.request);
      received.push(...receivedSpans(decodeExportRequest(call.request)));
      callback(null, Buffer.alloc(0));
      arrived.dispatchEvent(new Event('spans'));
    },
  });
  const port = await listen(server);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans: () => [...received],
    wire: () => Buffer.concat(messages),
    waitFor(condition, timeoutMs = 10_000) {
      const { promise, resolve, reject } = Promise.withResolvers<ReceivedSpan[]>();
      const check = () => condition(received) && resolve([...received]);
      const timer = setTimeout(() => reject(new Error(`spans received: ${summary(received)}`)), timeoutMs);
      arrived.addEventListener('spans', check);
      check();
      return promise.finally(() => {
        clearTimeout(timer);
        arrived.removeEventListener('spans', check);
      });
    },
    close: () => server.forceShutdown(),
  };
}

const traceService = {
  export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: Buffer) => message,
    requestDeserialize: (message: Buffer) => message,
    responseSerialize: (message: Buffer) => message,
    responseDeserialize: (message: Buffer) => message,
  },
};

function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error) reject(error);
    else resolve(port);
  });
  return promise;
}

function summary(spans: readonly ReceivedSpan[]): string {
  return spans.map(({ service, name }) => `${service} ${name}`).join(', ') || 'none';
}
