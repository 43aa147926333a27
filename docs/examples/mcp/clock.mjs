// An MCP server of a few lines, over standard input and output: any program that does this can stand behind the gateway.
import { createInterface } from 'node:readline';

const tools = [
  {
    name: 'weekday',
    description: 'Which day of the week a date is.',
    inputSchema: { type: 'object', properties: { date: { type: 'string' } }, required: ['date'] },
  },
];

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'clock', version: '1' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools }),
  'tools/call'({ arguments: { date } }) {
    const time = Date.parse(`${date}T00:00:00Z`);
    if (Number.isNaN(time)) return { content: [{ type: 'text', text: `${date} is no date` }], isError: true };
    const weekday = new Date(time).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
    return { content: [{ type: 'text', text: weekday }] };
  },
};

for await (const line of createInterface(process.stdin)) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const answer = answers[method];
  const outcome = answer
    ? { result: answer(params ?? {}) }
    : { error: { code: -32601, message: `There is no ${method} here.` } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n`);
}
