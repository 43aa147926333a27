import type { Transform } from 'node:stream';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, currentSpan, spanEvent } from '@aauth-stack/telemetry';
import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import type { McpBackend, McpTarget } from '../configuration/routes.ts';
import type { RuleFacts } from '../policy/rules.ts';
import { deniedResponse, refusal } from './answers.ts';
import { createMcpEndpoint, type McpEndpoint } from './endpoint.ts';
import { filterEvents, filterJson } from './filter-lists.ts';
import { createItemPolicy, type ItemPolicy } from './item-policy.ts';
import { type McpBody, type McpMessage, readBody } from './messages.ts';
import { resolveName } from './names.ts';
import { createMcpSessions } from './sessions.ts';
import { connectHttp } from './targets/http-target.ts';
import { superviseStdio } from './targets/stdio-target.ts';

/** A request that a route has let through to an MCP backend. */
interface McpRouteRequest {
  readonly method: string;
  /** `Accept`, `Mcp-Session-Id` and the like. */
  readonly headers: Headers;
  readonly hasBody: boolean;
  /** The whole body; undefined when it is too long to be looked at. */
  readonly bytes: Uint8Array | undefined;
  readonly facts: RuleFacts;
  readonly owner: string;
  /** What targets are told about the sender. */
  readonly statements: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** How a request goes on to the one server behind a route. */
export interface McpRelay {
  /** `host:port`. */
  readonly backend: string;
  readonly path: string;
  /** Takes out of a response what the sender may not see; undefined lets it pass untouched. */
  readonly filter: ((contentType: string) => Transform | undefined) | undefined;
}

export interface McpGateway {
  answer(backend: McpBackend, request: McpRouteRequest): Promise<{ response: Response } | { relay: McpRelay }>;
  close(): Promise<void>;
}

export interface McpGatewayOptions {
  readonly backends: readonly McpBackend[];
  /** Reaches targets over HTTP. */
  readonly fetch: typeof globalThis.fetch;
  /** Shared by the replicas. */
  readonly secret: string;
  readonly log: Logger;
}

/**
 * What this gateway does about MCP: one server over HTTP is passed through, with its sessions, streams and resumption, and only looked
 * at where rules say what may be used. Several servers, and those that are processes, become one endpoint.
 */
export function createMcpGateway({ backends, fetch, secret, log }: McpGatewayOptions): McpGateway {
  const endpoints = new Map<McpBackend, McpEndpoint>();
  backends.forEach((backend, index) => {
    if (passedThrough(backend)) return;
    const targets = backend.targets.map((target) =>
      'stdio' in target
        ? superviseStdio(target.name, target.stdio, { log })
        : connectHttp(target.name, target.http, fetch),
    );
    const name = `${index} ${backend.targets.map((target) => target.name).join(' ')}`;
    endpoints.set(backend, createMcpEndpoint(targets, createMcpSessions(secret, name), log));
  });

  return {
    async answer(backend, request) {
      const { method, bytes, facts } = request;
      if (!['GET', 'POST', 'DELETE'].includes(method)) {
        return { response: refusal(405, ErrorCode.InvalidRequest, 'An MCP endpoint takes GET, POST and DELETE.') };
      }
      const isTooLong = request.hasBody && !bytes;
      if (isTooLong) return { response: refusal(413, ErrorCode.InvalidRequest, 'A message has 1 MiB at most.') };
      const body = bytes && readBody(bytes);
      if (method === 'POST' && !body)
        return {
          response: refusal(400, ErrorCode.ParseError, 'The body is not JSON-RPC, or could be read in two ways.'),
        };
      const policy = createItemPolicy(backend.rules, facts);
      const denied = body && denialOf(backend, body, policy, facts);
      if (denied) return { response: denied };
      const endpoint = endpoints.get(backend);
      if (endpoint) return { response: await endpoint.answer({ ...request, body, policy }) };
      return { relay: relayTo(backend, policy) };
    },
    async close() {
      await Promise.all([...endpoints.values()].map((endpoint) => endpoint.close()));
    },
  };

  function denialOf(backend: McpBackend, body: McpBody, policy: ItemPolicy, facts: RuleFacts): Response | undefined {
    const isDenied = ({ item }: McpMessage): boolean => {
      if (!item) return false;
      const found = resolveName(backend.targets, item.name);
      // What no target is meant by is refused where it is looked for.
      return found !== undefined && !policy.mayUse(found.target, { ...item, name: found.name });
    };
    const denied = body.messages.filter(isDenied);
    if (denied.length === 0) return undefined;
    currentSpan()?.addEvent(spanEvent.decision, { [attribute.result]: 'denied' });
    for (const { method, item } of denied) {
      const { agent, sub, ps, scope } = facts.extauthz;
      log.info(
        { mcp_method: method, [item?.kind ?? 'item']: item?.name, agent, sub, ps, scope, result: 'denied' },
        'mcp',
      );
    }
    return deniedResponse(body.messages, isDenied, body.isBatch);
  }
}

function passedThrough({ targets }: McpBackend): Extract<McpTarget, { http: object }> | undefined {
  const [only] = targets;
  return targets.length === 1 && only && 'http' in only ? only : undefined;
}

function relayTo(backend: McpBackend, policy: ItemPolicy): McpRelay {
  const target = passedThrough(backend);
  if (!target) throw new TypeError('A backend with several targets has an endpoint of its own.');
  const { name, http } = target;
  return {
    backend: http.host,
    path: http.path,
    filter: policy.isSelective
      ? (contentType) => {
          if (/^text\/event-stream\b/.test(contentType)) return filterEvents(name, policy);
          return /^application\/json\b/.test(contentType) ? filterJson(name, policy) : undefined;
        }
      : undefined,
  };
}
