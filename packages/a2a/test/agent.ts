import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type A2AAppOptions, a2aApp, createCard, type Execute } from '../src/server/index.ts';
import { forwardedFrom, proxySecret } from '../src/testing/index.ts';

export interface TestAgent {
  url: string;
  /** What was logged, in order. */
  lines: { level: string; message: string }[];
  /** Texts that reached `execute`. */
  executed: string[];
  close(): Promise<void>;
}

const skill = {
  id: 'echo',
  name: 'Echo',
  description: 'Repeats what it is told.',
  tags: ['echo'],
  examples: ['say hello'],
};

const echo: Execute = async ({ text, principal }) => ({
  text: `# Echo\n\n${text}`,
  data: { kind: 'echo', text, caller: principal.agent },
});

/** An agent on a port of its own. */
export async function startAgent(
  execute: Execute = echo,
  options: Pick<A2AAppOptions, 'maxTasks' | 'heldCalls'> = {},
): Promise<TestAgent> {
  const lines: TestAgent['lines'] = [];
  const executed: string[] = [];
  const description = {
    name: 'Echo Agent',
    description: 'Repeats what it is told.',
    version: '1.0.0',
    url: 'http://echo.localhost:3000/',
    iconUrl: 'https://echo.demo.com/icon.png',
    documentationUrl: 'https://docs.demo.corp/agents/echo',
    scopes: ['echo:say'],
    skills: [skill],
  };
  const app = a2aApp({
    card: createCard(description),
    extendedCard: createCard({
      ...description,
      name: 'Echo Agent - Extended Edition',
      version: '1.0.1',
      skills: [skill, { ...skill, id: 'shout' }],
    }),
    proxySecret,
    execute(request) {
      executed.push(request.text);
      return execute(request);
    },
    log: {
      warn: (_fields, message) => lines.push({ level: 'warn', message }),
      error: (_fields, message) => lines.push({ level: 'error', message }),
    },
    now: () => new Date('2026-03-02T10:00:00Z'),
    ...options,
  });
  const listening = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, listening.resolve);
  const { port } = await listening.promise;
  return {
    url: `http://127.0.0.1:${port}/`,
    lines,
    executed,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

/** What the proxy adds to a request of an agent. */
export function forwardedFor(name: string): Record<string, string> {
  return forwardedFrom(agentNamed(name), 'https://ap.example');
}

export function agentNamed(name: string): string {
  return `aauth:${name}@ap.example`;
}

/** A JSON-RPC call as alice makes it. */
export function call(agent: TestAgent, method: string, params: object, headers: Record<string, string> = {}) {
  return fetch(agent.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...forwardedFor('alice'), ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }),
  });
}

export const legacyMessage = (text: string) => ({
  message: { kind: 'message', role: 'user', messageId: 'm-1', parts: [{ kind: 'text', text }] },
});

export const currentMessage = (text: string) => ({
  message: { role: 'ROLE_USER', messageId: 'm-1', parts: [{ text }] },
});

/** The body of a response that is awaited. */
export async function jsonOf(response: Promise<Response>) {
  return JSON.parse(await (await response).text());
}

/** The JSON of each event of a server-sent event stream. */
export async function events(response: Response) {
  const text = await response.text();
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
}
