import type { Logger } from '@aauth-stack/service/logger';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListToolsRequestSchema,
  McpError,
  type Progress,
  type Result,
  ResultSchema,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { denial } from './answers.ts';
import type { ItemPolicy } from './item-policy.ts';
import type { McpItem } from './messages.ts';
import { resolveName, shownName } from './names.ts';
import type { McpCaller, McpTargetConnection } from './targets/target.ts';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

export interface MultiplexedCall {
  readonly targets: readonly McpTargetConnection[];
  readonly policy: ItemPolicy;
  readonly caller: McpCaller;
  /** Milliseconds without a sign of life until a target has not answered. */
  readonly timeoutMs: number;
  /** Runs what a request asks for, with a signal that is aborted when the client cancels the request. */
  cancelable<T>(id: string | number, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  readonly log: Logger;
}

const page = z.looseObject({ nextCursor: z.string().optional() });
const entries = z.array(z.looseObject({ name: z.string() }));
/** A target whose list has no end is shown as far as this. */
const maxPages = 100;

/** One MCP server made of several: for the messages of one request of one client. */
export function createMultiplexer(call: MultiplexedCall): Server {
  const { targets, policy, caller, log } = call;
  const server = new Server(
    { name: 'aauth-resource-proxy', version: '1.0.0' },
    { capabilities: { tools: {}, prompts: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, (_request, { signal }) => listAll('tools', signal));
  server.setRequestHandler(ListPromptsRequestSchema, (_request, { signal }) => listAll('prompts', signal));
  server.setRequestHandler(CallToolRequestSchema, ({ method, params }, extra) =>
    use({ kind: 'tool', name: params.name, arguments: params.arguments ?? {} }, { method, params }, extra),
  );
  server.setRequestHandler(GetPromptRequestSchema, ({ method, params }, extra) =>
    use({ kind: 'prompt', name: params.name, arguments: params.arguments ?? {} }, { method, params }, extra),
  );
  return server;

  async function listAll(what: 'tools' | 'prompts', signal: AbortSignal) {
    const lists = await Promise.all(
      targets.map(async (target) => {
        try {
          return await listOf(target, what, signal);
        } catch (error) {
          // The others are still there.
          log.warn({ err: error, target: target.name }, `the ${what} of an MCP server are missing from a list`);
          return undefined;
        }
      }),
    );
    if (lists.every((list) => list === undefined)) {
      throw new McpError(ErrorCode.ConnectionClosed, 'None of the MCP servers behind this gateway can be reached.');
    }
    return ResultSchema.parse({ [what]: lists.flatMap((list) => list ?? []) });
  }

  async function listOf(target: McpTargetConnection, what: 'tools' | 'prompts', signal: AbortSignal) {
    if (!(await target.capabilities(caller))[what]) return [];
    const kind = what === 'tools' ? 'tool' : 'prompt';
    const listed: z.output<typeof entries> = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < maxPages; pages++) {
      const params = cursor === undefined ? {} : { cursor };
      const options = { signal, timeout: call.timeoutMs };
      const result = page.parse(await target.request(caller, { method: `${what}/list`, params }, options));
      listed.push(...entries.parse(result[what]));
      cursor = result.nextCursor;
      if (cursor === undefined) break;
    }
    return listed
      .filter(({ name }) => policy.mayList(target.name, { kind, name }))
      .map((entry) => ({ ...entry, name: shownName(targets, target.name, entry.name) }));
  }

  async function use(
    item: McpItem,
    request: { method: string; params: Record<string, unknown> },
    { requestId, sendNotification, _meta }: Extra,
  ): Promise<Result> {
    const found = resolveName(targets, item.name);
    const target = targets.find(({ name }) => name === found?.target);
    if (!found || !target) throw new McpError(ErrorCode.InvalidParams, `There is no ${item.kind} ${item.name}.`);
    const asked = { ...item, name: found.name };
    if (!policy.mayUse(target.name, asked)) {
      const { code, message, data } = denial(item);
      throw new McpError(code, message, data);
    }
    const token = _meta?.progressToken;
    const params = { ...request.params, name: found.name };
    const options = {
      timeout: call.timeoutMs,
      resetTimeoutOnProgress: true,
      ...(token !== undefined && {
        onprogress: (progress: Progress) =>
          void sendNotification({
            method: 'notifications/progress',
            params: { ...progress, progressToken: token },
          }).catch((err) => log.debug({ err }, 'nobody hears of the progress')),
      }),
    };
    return call.cancelable(requestId, (signal) =>
      target.request(caller, { ...request, params }, { ...options, signal }),
    );
  }
}
