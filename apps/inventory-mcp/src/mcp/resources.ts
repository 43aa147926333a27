import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { storableText } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  ErrorCode,
  ListResourcesRequestSchema,
  McpError,
  type Resource,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { ownerOf } from '../caller.ts';
import type { Queries } from '../db/database.ts';
import { findModel, listModels, modelUri } from '../inventory/models.ts';
import { findOrder, listOrders, orderUri } from '../orders/orders.ts';
import { readPolicy } from '../orders/purchasing-policy.ts';
import { subscribe, unsubscribe } from '../sessions/subscriptions.ts';
import { departmentUri, findDepartment, laptopMixOf, listDepartments } from '../workforce/departments.ts';
import { keepInside } from './keep-inside.ts';
import { InputError } from './paging.ts';

const mimeType = 'application/json';
const policyUri = 'inventory://policy';
const pageSize = 50;

interface ResourceOptions {
  db: Queries;
  caller: ForwardedPrincipal;
  /** Undefined while the session is being opened, when nothing can be asked yet. */
  sessionId: string | undefined;
  log: Logger;
}

/** Offers the single rows of the data under addresses of their own; whoever subscribes to a model is told when it is ordered. */
export function registerResources(server: McpServer, { db, caller, sessionId, log }: ResourceOptions): void {
  const owner = ownerOf(caller);
  // Listed below, page by page, which the SDK's own list cannot do.
  const template = (uri: string) => new ResourceTemplate(uri, { list: undefined });
  const policy = async () => {
    const { bufferMonths, approvalThreshold, maxOrderValue } = await readPolicy(db);
    const members = {
      buffer_months: bufferMonths,
      approval_threshold: approvalThreshold,
      max_order_value: maxOrderValue,
    };
    return json(policyUri, members);
  };
  server.registerResource('policy', policyUri, { title: 'Purchasing policy', mimeType }, keepInside(log, policy));
  server.registerResource(
    'model',
    template('inventory://models/{model}'),
    { title: 'Laptop model', mimeType },
    keepInside(log, async (uri, { model }) => json(uri.href, await findModel(db, decode(model)))),
  );
  server.registerResource(
    'department',
    template('inventory://departments/{department}'),
    { title: 'Department', mimeType },
    keepInside(log, async (uri, { department }) => {
      const found = await findDepartment(db, decode(department));
      if (!found) return json(uri.href, undefined);
      const { position: _position, ...row } = found;
      return json(uri.href, { ...row, laptopMix: (await laptopMixOf(db, [found.name]))(found.name) });
    }),
  );
  server.registerResource(
    'order',
    template('inventory://orders/{number}'),
    { title: 'Purchase order', mimeType },
    keepInside(log, async (uri, { number }) =>
      json(uri.href, /^\d{1,15}$/.test(decode(number)) ? await findOrder(db, owner, Number(number)) : undefined),
    ),
  );

  server.server.registerCapabilities({ resources: { subscribe: true } });
  const list = keepInside(log, (cursor: string | undefined) => listPage(db, owner, cursor));
  server.server.setRequestHandler(ListResourcesRequestSchema, ({ params }) => list(params?.cursor));
  const follow = keepInside(log, async (uri: string) => {
    if (!/^inventory:\/\/(?:policy$|models\/|departments\/|orders\/)/.test(uri)) throw unknownResource(uri);
    if (sessionId !== undefined) await subscribe(db, sessionId, uri);
    return {};
  });
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => follow(uri));
  const leave = keepInside(log, async (uri: string) => {
    if (sessionId !== undefined) await unsubscribe(db, sessionId, uri);
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => leave(uri));
}

/** First all that there is little of, then the caller's orders, newest first. */
async function listPage(db: Queries, owner: string, cursor: string | undefined) {
  try {
    const { orders, next_cursor } = await listOrders(db, owner, { cursor, limit: pageSize });
    const resources = [
      ...(cursor === undefined ? await companyResources(db) : []),
      ...orders.map(
        ({ number, quantity, model }): Resource => ({
          uri: orderUri(number),
          name: `Order ${number}: ${quantity} × ${model}`,
          mimeType,
        }),
      ),
    ];
    return { resources, ...(next_cursor !== null && { nextCursor: next_cursor }) };
  } catch (error) {
    throw error instanceof InputError ? new McpError(ErrorCode.InvalidParams, error.message) : error;
  }
}

async function companyResources(db: Queries): Promise<Resource[]> {
  const { models } = await listModels(db, { limit: 100 });
  const { page } = await listDepartments(db, { limit: 100 });
  return [
    { uri: policyUri, name: 'Purchasing policy', mimeType },
    ...models.map(({ model }) => ({ uri: modelUri(model), name: model, mimeType })),
    ...page.map(({ name }) => ({ uri: departmentUri(name), name: `Department ${name}`, mimeType })),
  ];
}

function json(uri: string, data: object | undefined) {
  if (!data) throw unknownResource(uri);
  return { contents: [{ uri, mimeType, text: JSON.stringify(data) }] };
}

function unknownResource(uri: string): McpError {
  return new McpError(-32002, `There is no resource ${uri}.`);
}

function decode(value: string | string[] | undefined): string {
  const text = [value ?? ''].flat().join(',');
  try {
    return storableText(decodeURIComponent(text));
  } catch {
    return text;
  }
}
