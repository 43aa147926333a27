import { connect } from 'node:net';

const grpcPort = 4317;
const ui = 'http://localhost:16686';

/**
 * Where a person finds the traces of the stack, or how to get them.
 *
 * @param port where Jaeger takes spans on this machine
 */
export async function whereTracesGo(
  environment: Readonly<Record<string, string | undefined>>,
  port = grpcPort,
): Promise<string> {
  const elsewhere = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (elsewhere) return `sent to ${elsewhere}`;
  if (await somethingListens(port)) return ui;
  return `nothing listens on ${port}; scripts/run-jaeger.sh starts Jaeger (${ui}), now or later`;
}

function somethingListens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host: '127.0.0.1' });
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
