import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { proxySecretHeader } from '@aauth-stack/aauth/resource';
import { serve } from '@aauth-stack/service/http';
import { captureLog, createTestDatabase, startDatabaseRelay } from '@aauth-stack/service/testing';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import postgres from 'postgres';
import { z } from 'zod';
import { createInventoryMcp } from '../src/inventory-mcp.ts';

const proxySecret = 'proxy-secret-of-the-tests-0123456789';
const identifier = parseServerIdentifier('http://inventory.localhost:3000', { allowLoopback: true });

/** What the proxy adds to the requests of somebody who acts for a person. */
export function person(subject: string, scope = 'inventory:read inventory:order'): Record<string, string> {
  return {
    [proxySecretHeader]: proxySecret,
    'x-aauth-level': 'authorized',
    'x-aauth-scheme': 'jwt',
    'x-aauth-token-type': 'aa-auth+jwt',
    'x-aauth-jkt': 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    'x-aauth-person-server': 'http://person-server.localhost:8765',
    'x-aauth-sub': subject,
    'x-aauth-scope': scope,
  };
}

export interface Replica {
  /** Of its MCP endpoint. */
  readonly url: URL;
  stop(): Promise<void>;
}

/** Replicas of the server on one database, and clients of them. */
export async function startInventory() {
  const database = await createTestDatabase();
  // The server's way to its database, which a test can cut.
  const relay = await startDatabaseRelay(database.url);
  const sql = postgres(database.url, { max: 3, onnotice: () => {} });
  const captured = captureLog();
  const clock = { now: Date.parse('2026-03-02T10:00:00Z') };
  const cleanups: (() => Promise<void>)[] = [];

  async function startReplica(): Promise<Replica> {
    const { log } = captured;
    const inventory = await createInventoryMcp(
      { databaseUrl: relay.url, identifier, proxySecret },
      { log, now: () => new Date(clock.now) },
    );
    const server = await serve({ fetch: inventory.app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      inventory.stop();
      await server.close();
      await inventory.close();
    };
    cleanups.push(stop);
    return { url: new URL('/mcp', server.url), stop };
  }

  const first = await startReplica();
  return {
    captured,
    clock,
    relay,
    sql,
    first,
    startReplica,
    /** A client of somebody, whose requests go to the replica that `where` names at that moment. */
    async connect(headers = person('alice'), where: () => Replica = () => first) {
      let connections = new AbortController();
      const fetchThere = (input: string | URL, init: RequestInit = {}) => {
        const url = new URL(input);
        url.port = where().url.port;
        const signal = AbortSignal.any([connections.signal, ...(init.signal ? [init.signal] : [])]);
        return fetch(url, { ...init, signal });
      };
      const transport = new StreamableHTTPClientTransport(first.url, {
        fetch: fetchThere,
        requestInit: { headers },
        reconnectionOptions: {
          initialReconnectionDelay: 20,
          maxReconnectionDelay: 100,
          reconnectionDelayGrowFactor: 1.5,
          maxRetries: 20,
        },
      });
      const client = new Client({ name: 'test', version: '1' });
      await client.connect(transport);
      cleanups.push(() => client.close());
      return {
        client,
        transport,
        sessionId: transport.sessionId ?? '',
        /** Breaks every connection off that the client has at this moment. */
        cut() {
          connections.abort();
          connections = new AbortController();
        },
      };
    },
    async close() {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
      await sql.end();
      await relay.close();
      await database.drop();
    },
  };
}

/** What a tool gave. */
export function dataOf({
  structuredContent,
}: object & { structuredContent?: unknown }): Record<string, unknown> | undefined {
  return z.record(z.string(), z.unknown()).optional().parse(structuredContent);
}

export type Inventory = Awaited<ReturnType<typeof startInventory>>;
