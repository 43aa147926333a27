import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@aauth-stack/service/logger';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { StdioTarget } from '../../configuration/routes.ts';
import { clientInfo, type McpTargetConnection, pass } from './target.ts';

/** How long a call waits for a server that is starting. */
const patienceMs = 10_000;
const startTimeoutMs = 60_000;
const longestPauseMs = 30_000;
/** A server that has run for so long has not failed to start. */
const steadyMs = 10_000;
const maxLogged = 2_000;

export interface SuperviseOptions {
  log: Logger;
  /** Between the end of a process and the first attempt to start another one. */
  firstPauseMs?: number;
}

/**
 * Keeps one process of an MCP server running that speaks over its standard input and output. One that ends is started again, after
 * pauses that grow as long as it does not last. Nothing of this process's environment reaches it but what any program needs and
 * what the configuration gives it.
 */
export function superviseStdio(
  name: string,
  { command, args, env }: StdioTarget,
  { log, firstPauseMs = 250 }: SuperviseOptions,
): McpTargetConnection {
  const stopping = new AbortController();
  let running = Promise.withResolvers<Client>();
  running.promise.catch(() => {});
  let current: Client | undefined;
  let reason = 'it is starting';
  const supervision = supervise();

  async function supervise(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const started = performance.now();
      await runOnce();
      if (stopping.signal.aborted) break;
      failures = performance.now() - started > steadyMs ? 0 : failures + 1;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 10));
      log.warn({ target: name, reason, pause_ms: pauseMs }, `MCP server ${name} is started again`);
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  /** Starts the process, and resolves when it has ended. */
  async function runOnce(): Promise<void> {
    const environment = { ...getDefaultEnvironment(), ...env };
    const transport = new StdioClientTransport({ command, args: [...args], env: environment, stderr: 'pipe' });
    transport.stderr?.on('data', (piece: Buffer) => {
      log.info({ target: name, stderr: piece.toString().trimEnd().slice(0, maxLogged) }, `MCP server ${name}`);
    });
    const client = new Client(clientInfo);
    const ended = Promise.withResolvers<void>();
    client.onclose = ended.resolve;
    current = client;
    try {
      await client.connect(transport, { timeout: startTimeoutMs });
      log.info({ target: name, pid: transport.pid }, `MCP server ${name} runs`);
      running.resolve(client);
      await ended.promise;
      reason = 'it has ended';
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      await client.close();
    } finally {
      current = undefined;
      // Whoever asks from now on waits for the next process.
      running = Promise.withResolvers();
      running.promise.catch(() => {});
    }
  }

  async function client(): Promise<Client> {
    const tooLong = Promise.withResolvers<never>();
    const timer = setTimeout(() => tooLong.reject(unavailable(name, reason)), patienceMs);
    try {
      return await Promise.race([running.promise, tooLong.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    name,
    async request(_caller, request, options) {
      const asked = await client();
      try {
        return await pass(asked, request, options);
      } catch (error) {
        if (asked === current) throw error;
        throw new McpError(ErrorCode.ConnectionClosed, `The MCP server ${name} ended before it answered.`);
      }
    },
    async capabilities() {
      return (await client()).getServerCapabilities() ?? {};
    },
    async end() {},
    async close() {
      stopping.abort();
      await current?.close();
      await supervision;
    },
  };
}

function unavailable(name: string, reason: string): McpError {
  return new McpError(ErrorCode.ConnectionClosed, `The MCP server ${name} does not run: ${reason}.`);
}
