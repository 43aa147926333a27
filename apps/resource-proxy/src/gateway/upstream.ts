import type { Readable } from 'node:stream';
import { AAuthError } from '@aauth-stack/aauth/errors';
import { lookupLocalhost } from '@aauth-stack/aauth/node';
import { Agent, type Dispatcher } from 'undici';

export interface UpstreamOptions {
  /** Seconds until a connection must stand. */
  readonly connectTimeout: number;
  /** Ask the resolver for `*.localhost` too, as inside compose. */
  readonly localhostDns: boolean;
}

interface UpstreamRequest {
  /** `host:port`. */
  readonly backend: string;
  readonly method: string;
  /** Path and query as received. */
  readonly target: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Uint8Array | Readable | null;
  /** Seconds until the response headers. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Connections to the backends, pooled for each. */
export interface Upstreams {
  /** @throws UpstreamError; or the error of a body that failed; or the signal's reason */
  request(request: UpstreamRequest): Promise<Dispatcher.ResponseData>;
  /** Cuts what is under way; called when the gateway has drained. */
  close(): Promise<void>;
}

/** A backend does not answer: 502 `upstream_unavailable`, or 504 `upstream_timeout` when it is only too slow. */
export class UpstreamError extends AAuthError {
  override readonly name = 'UpstreamError';

  constructor(code: 'upstream_unavailable' | 'upstream_timeout', detail: string, cause: unknown) {
    super(code, { status: code === 'upstream_timeout' ? 504 : 502, detail, cause });
  }
}

const timeoutCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

export function createUpstreams({ connectTimeout, localhostDns }: UpstreamOptions): Upstreams {
  const agent = new Agent({
    connect: { timeout: connectTimeout * 1000, ...(localhostDns ? {} : { lookup: lookupLocalhost }) },
    // An event stream may be silent for as long as it likes.
    bodyTimeout: 0,
    maxHeaderSize: 32 * 1024,
  });
  return {
    async request({ backend, method, target, headers, body, timeout, signal }) {
      try {
        return await agent.request({
          origin: `http://${backend}`,
          path: target,
          method,
          headers,
          body,
          headersTimeout: timeout * 1000,
          signal,
        });
      } catch (error) {
        if (signal.aborted || error instanceof AAuthError) throw error;
        throw upstreamError(error);
      }
    },
    close: () => agent.destroy(),
  };
}

function upstreamError(error: unknown): UpstreamError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return timeoutCodes.has(code)
    ? new UpstreamError('upstream_timeout', 'The service behind this gateway does not answer in time.', error)
    : new UpstreamError('upstream_unavailable', 'The service behind this gateway cannot be reached.', error);
}
