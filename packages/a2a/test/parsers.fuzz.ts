import type { FuzzTargets } from '@aauth-stack/fuzz';
import { A2ACallError } from '../src/client/call-error.ts';
import { createA2AClient } from '../src/client/client.ts';
import { a2aApp, createCard } from '../src/server/index.ts';
import { forwardedFrom, proxySecret } from '../src/testing/index.ts';

const card = createCard({
  name: 'Echo Agent',
  description: 'Repeats what it is told.',
  version: '1.0.0',
  url: 'http://echo.localhost:3000/',
  iconUrl: 'https://echo.example/icon.png',
  documentationUrl: 'https://echo.example/',
  scopes: [],
  skills: [],
});
const app = a2aApp({
  card,
  extendedCard: card,
  proxySecret,
  execute: async ({ text, data }) => ({ text: text || 'nothing', data: data && { ...data } }),
  log: { warn: () => {}, error: () => {} },
  now: () => new Date(0),
  maxTasks: 10,
});
const headers = {
  'content-type': 'application/json',
  ...forwardedFrom('aauth:alice@agent-provider.localhost:8766', 'http://agent-provider.localhost:8766'),
};
const bodyOf = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const message =
  '{"kind":"message","role":"user","messageId":"m","parts":[{"kind":"text","text":"hello"},{"kind":"data","data":{}}]}';
const current = '{"role":"ROLE_USER","messageId":"m","parts":[{"text":"hello"}]}';

/** What callers send, and what agents answer. */
export const targets: FuzzTargets = {
  'a call by JSON-RPC': {
    read: async (text) => {
      const response = await app.request('/', { method: 'POST', headers, body: bodyOf(text) });
      if (response.status >= 500) throw new Error(`It is answered with ${response.status}.`);
      await response.arrayBuffer();
    },
    examples: [
      `{"jsonrpc":"2.0","id":7,"method":"message/send","params":{"message":${message}}}`,
      `{"jsonrpc":"2.0","id":"x","method":"SendMessage","params":{"message":${current}}}`,
      `{"jsonrpc":"2.0","id":7,"method":"message/stream","params":{"message":${message}}}`,
      '{"jsonrpc":"2.0","id":7,"method":"tasks/get","params":{"id":"a"}}',
      '{"jsonrpc":"2.0","id":7,"method":"ListTasks","params":{"pageSize":1}}',
    ],
  },
  'an answer of an agent': {
    read: async (text) => {
      const fetch = async () => new Response(bodyOf(text), { headers: { 'content-type': 'application/json' } });
      await readAnswer(createA2AClient({ url: 'http://echo.localhost:3000/', fetch }).send('hello'));
    },
    examples: [
      `{"jsonrpc":"2.0","id":1,"result":{"message":${current.replace('ROLE_USER', 'ROLE_AGENT')}}}`,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}',
    ],
  },
  'a refusal of an agent': {
    read: async (text) => {
      const fetch = async () => new Response(bodyOf(text), { status: 403 });
      await readAnswer(createA2AClient({ url: 'http://echo.localhost:3000/', fetch }).send('hello'));
    },
    examples: ['{"error":"denied","detail":"no"}', '{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no"}}'],
  },
};

async function readAnswer(reply: Promise<unknown>): Promise<void> {
  try {
    await reply;
  } catch (error) {
    if (!(error instanceof A2ACallError)) throw error;
    if (error.code.length > 64 || error.detail.length > 1000) throw new Error('The reason is long.');
  }
}
