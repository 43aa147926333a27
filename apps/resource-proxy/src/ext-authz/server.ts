import { findPortHolder, type HealthCheck, stopping, stopSettings } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { StartupError } from '@aauth-stack/service/main';
import {
  status as grpcStatus,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { createLimits } from './limits.ts';
import { publishedDescriptors, serviceName } from './protos.ts';
import { type CheckRequest, type DecodedCheckRequest, decodeCheckRequest } from './wire/check-request.ts';
import { type CheckResponse, encodeCheckResponse } from './wire/check-response.ts';

export interface ExtAuthzServerOptions {
  readonly check: (request: CheckRequest) => Promise<CheckResponse>;
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Milliseconds that a check may take. */
  readonly timeout: number;
  /** How many checks may be under way. */
  readonly concurrency: number;
  /** What the health service asks about, by name. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  readonly log: Logger;
  /** How long `close` waits for checks under way before it cuts them, in milliseconds. Default `STOP_TIMEOUT`. */
  readonly drainMs?: number;
  /** How often the health service looks, in milliseconds. */
  readonly healthIntervalMs?: number;
}

export interface ExtAuthzServer {
  readonly port: number;
  /** Says `NOT_SERVING`, takes no more calls, lets those under way finish, then cuts what is left. */
  close(): Promise<void>;
}

/** A body of 1 MiB, as the gateway buffers, and what is around it. */
const maxMessageBytes = 4 * 1024 * 1024;

/**
 * Listens for `envoy.service.auth.v3.Authorization/Check`, with gRPC's own health service and reflection beside it.
 *
 * @throws StartupError when the address cannot be listened on
 */
export async function serveExtAuthz(options: ExtAuthzServerOptions): Promise<ExtAuthzServer> {
  const {
    check,
    hostname,
    timeout,
    concurrency,
    checks = {},
    log,
    drainMs = stopSettings(process.env).drainMs,
    healthIntervalMs = 5_000,
  } = options;
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    // Beyond this, calls wait at the gateway for a reason that nobody learns; up to it, they are refused with one.
    'grpc.max_concurrent_streams': 2 * concurrency,
  });
  const limited = createLimits({ timeout, concurrency, log });

  function handle(
    call: ServerUnaryCall<DecodedCheckRequest, CheckResponse>,
    answer: sendUnaryData<CheckResponse>,
  ): void {
    const { request: decoded } = call;
    if (!decoded.ok) {
      log.warn({ peer: call.getPeer(), reason: decoded.reason }, 'not a CheckRequest');
      answer({
        code: grpcStatus.INVALID_ARGUMENT,
        details: 'The message is not an envoy.service.auth.v3.CheckRequest.',
      });
      return;
    }
    limited(() => check(decoded.request), Number(call.getDeadline())).then(
      (response) => answer(null, response),
      (error: unknown) => {
        log.error({ err: error }, 'a check failed');
        answer({ code: grpcStatus.INTERNAL, details: 'Something failed here. The log has the reason.' });
      },
    );
  }

  server.register(`/${serviceName}/Check`, handle, encodeCheckResponse, decodeCheckRequest, 'unary');
  const health = new HealthImplementation({ '': 'SERVING', [serviceName]: 'SERVING' });
  health.addToServer(server);
  new ReflectionService(publishedDescriptors()).addToServer(server);
  const port = await bind(server, hostname, options.port);
  log.info({ url: `grpc://${formatHost(hostname)}:${port}` }, `listening on ${formatHost(hostname)}:${port} (gRPC)`);
  const setHealth = (status: 'SERVING' | 'NOT_SERVING') => {
    for (const name of ['', serviceName]) health.setStatus(name, status);
  };
  const observe = async () => setHealth((await isHealthy(checks)) && !stopping.aborted ? 'SERVING' : 'NOT_SERVING');
  const observation = setInterval(() => void observe(), healthIntervalMs);
  observation.unref();
  stopping.addEventListener('abort', observe);
  return {
    port,
    async close() {
      clearInterval(observation);
      stopping.removeEventListener('abort', observe);
      setHealth('NOT_SERVING');
      await drain(server, drainMs, log);
    },
  };
}

async function bind(server: Server, hostname: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`${formatHost(hostname)}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  );
  try {
    return await promise;
  } catch (cause) {
    const holder = port === 0 ? undefined : await findPortHolder(port);
    const reason = holder
      ? `port ${port} on ${hostname} is taken by ${holder}; stop it or set another port`
      : `cannot listen on ${hostname}, port ${port}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new StartupError(reason, { cause });
  }
}

function formatHost(hostname: string): string {
  return hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
}

async function isHealthy(checks: Readonly<Record<string, HealthCheck>>): Promise<boolean> {
  const results = await Promise.allSettled(Object.values(checks).map(async (check) => check()));
  return results.every(({ status }) => status === 'fulfilled');
}

async function drain(server: Server, drainMs: number, log: Logger): Promise<void> {
  const { promise: drained, resolve } = Promise.withResolvers<void>();
  server.tryShutdown(() => resolve());
  const deadline = setTimeout(() => {
    log.warn({ drainMs }, 'gRPC calls still under way are cut');
    server.forceShutdown();
    resolve();
  }, drainMs);
  await drained;
  clearTimeout(deadline);
}
