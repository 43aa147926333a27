import { timingSafeEqual } from 'node:crypto';
import { RequestError } from '@aauth-stack/aauth/errors';
import { limitBody } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import type { FlowStore } from './flow-store.ts';
import { parseExportRequest } from './otlp.ts';

export interface ReceiverOptions {
  store: Pick<FlowStore, 'add'>;
  /** What whoever delivers spans has to know; without one, spans are taken from this machine alone. */
  secret: string | undefined;
  log: Logger;
}

const maxBytes = 4 * 1024 * 1024;

/** `POST /otlp/v1/traces`: takes the services' spans, as OTLP over HTTP in JSON. Not traced itself. */
export function spanReceiver({ store, secret, log }: ReceiverOptions): Hono {
  const app = new Hono();
  const tooLarge = () =>
    new RequestError('invalid_request', `More than ${maxBytes} bytes of spans at once.`, { status: 413 });

  app.post('/otlp/v1/traces', limitBody({ maxBytes, tooLarge }), async (c) => {
    if (!mayDeliver(c, secret)) {
      throw new RequestError('unauthorized', 'Spans are taken only from the services of this stack.', { status: 401 });
    }
    // A page of another origin could send any other type without being asked for leave.
    if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
      throw new RequestError('invalid_request', 'Spans are taken as OTLP in JSON (application/json).', { status: 415 });
    }
    const spans = parseExportRequest(await c.req.json().catch(() => undefined));
    if (!spans) throw new RequestError('invalid_request', 'The body is not an OTLP export request in JSON.');
    try {
      await store.add(spans);
    } catch (error) {
      log.warn({ err: error, spans: spans.length }, 'spans could not be kept');
      throw error;
    }
    return c.json({});
  });

  return app;
}

function mayDeliver(c: Context, secret: string | undefined): boolean {
  if (secret === undefined) return isLoopback(getConnInfo(c).remote.address);
  const [given, wanted] = [Buffer.from(c.req.header('authorization') ?? ''), Buffer.from(`Bearer ${secret}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address);
}
