/** One of the Server-Sent Events of a stream. */
export interface ServerSentEvent {
  event: string;
  /** Sent as JSON. */
  data: unknown;
  /** What the client sends back as `Last-Event-ID` when it comes again; without line breaks. */
  id?: string | undefined;
}

export interface EventStream {
  send(event: ServerSentEvent): void;
  /** Aborted when the client has gone, or `closing` is. */
  readonly signal: AbortSignal;
}

export interface EventStreamOptions {
  /** Called with what `produce` throws; the client is told nothing of it. */
  onError(error: unknown): void;
  /** Ends the stream, so that a server that stops need not cut it. */
  closing?: AbortSignal;
  /** How often a comment keeps the connection from looking dead, in milliseconds. Default 15 s. */
  heartbeatMs?: number;
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // Proxies that collect responses would keep the events for themselves.
  'x-accel-buffering': 'no',
};

/**
 * A response of Server-Sent Events (HTML, "Server-sent events"): whatever `produce` sends, until it ends, the client goes or `closing`
 * is aborted. An error of `produce` ends the stream too, and the client comes again.
 */
export function eventStream(
  produce: (stream: EventStream) => Promise<void>,
  { onError, closing, heartbeatMs = 15_000 }: EventStreamOptions,
): Response {
  const gone = new AbortController();
  const signal = closing ? AbortSignal.any([gone.signal, closing]) : gone.signal;
  const encoder = new TextEncoder();

  async function run(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const write = (text: string) => {
      if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
    };
    const heartbeat = setInterval(() => write(': alive\n\n'), heartbeatMs);
    try {
      await produce({ signal, send: (event) => write(format(event)) });
    } catch (error) {
      onError(error);
    }
    clearInterval(heartbeat);
    if (!gone.signal.aborted) controller.close();
  }

  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void run(controller),
    cancel: () => gone.abort(),
  });
  return new Response(body, { headers });
}

function format({ event, data, id }: ServerSentEvent): string {
  const lines = [`event: ${event}`, ...(id === undefined ? [] : [`id: ${id}`]), `data: ${JSON.stringify(data)}`];
  return `${lines.join('\n')}\n\n`;
}
