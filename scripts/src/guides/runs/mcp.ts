import { addresses } from '../../services.ts';
import { excerpt, fileText } from '../excerpts.ts';
import { fence, formatAnswer, formatExchange, formatRequest } from '../format-http.ts';
import { createBlocks, type GuideRun } from '../guide-run.ts';
import type { Blocks } from '../marked-blocks.ts';
import { createMcpCaller, formatMessage, formatTools } from '../mcp-call.ts';
import { approve } from '../person.ts';
import { denialsSince, endOfProxyLog } from '../proxy-log.ts';
import { enrolAgent } from '../recording-agent.ts';
import { type Stack, withStack } from '../stack.ts';
import { firstToken, formatToken, presentedToken } from '../tokens.ts';

const example = 'docs/examples/mcp';
const severalCommands = [
  'mkdir -p .data/keys',
  'openssl genpkey -algorithm ed25519 -out .data/keys/tools.pem',
  `GATEWAY_CONFIG=$PWD/${example}/gateway.yaml AAUTH_CONFIG=$PWD/${example}/resources.yaml ./scripts/start-infra.sh mode3`,
];
const steps = ['person token', 'challenge', 'auth token', 'call'] as const;

/** MCP: an agent reads and orders under policy, and two servers are one. */
export const mcp: GuideRun = {
  name: 'mcp',
  async record(): Promise<Blocks> {
    const inventory = await withStack(['./scripts/start-infra.sh mode3'], recordInventory);
    const several = await withStack(severalCommands, recordSeveral);
    return new Map([...inventory, ...several]);
  },
};

async function recordInventory(stack: Stack): Promise<Blocks> {
  const { add, blocks } = createBlocks(stack.normalise);
  add('demo-rules', demoRules());
  const agent = await enrolAgent('Guide Agent', approve);
  try {
    const reading = createMcpCaller(`${addresses.inventory}/mcp`, agent.fetch);
    const opened = await agent.during(steps, () => reading.initialize());
    add('initialize', formatRequest(opened('call')));
    add('auth-token', formatToken(presentedToken(opened('call'))));

    const listed = await agent.during(['list'], () => reading.call('tools/list'));
    add('tools', formatTools(listed('list')));
    const called = await agent.during(['call'], () => reading.call('tools/call', { name: 'get_inventory_levels' }));
    add('call', formatMessage(called('call'), { maxDepth: 5, maxText: 60 }));

    const logStart = endOfProxyLog();
    const order = {
      name: 'place_purchase_order',
      arguments: { model: 'MacBook Pro', quantity: 10, idempotency_key: 'guide-order-1' },
    };
    const refused = await agent.during(['call'], () => reading.call('tools/call', order));
    add('refused', formatAnswer(refused('call')));
    add('denial', await denialsSince(logStart));

    const ordering = createMcpCaller(`${addresses.inventory}/orders/mcp`, agent.fetch);
    const asked = await agent.during(['refused', 'exchange', 'retried'], () => ordering.initialize());
    add('step-up', formatAnswer(asked('refused')));
    const header = asked('refused').response?.headers.get('aauth-requirement') ?? '';
    add('step-up-token', formatToken(firstToken(header)));
    const placed = await agent.during(['call'], () => ordering.call('tools/call', order));
    add('order', formatExchangeWithMessage(placed('call')));
  } finally {
    await agent.close();
  }
  return blocks;
}

async function recordSeveral(stack: Stack): Promise<Blocks> {
  const { add, blocks } = createBlocks(stack.normalise);
  add('several-gateway', fence('yaml', fileText(example, 'gateway.yaml')));
  add('several-start', fence('sh', severalCommands.join('\n')));
  const agent = await enrolAgent('Guide Agent', approve);
  try {
    const caller = createMcpCaller('http://tools.localhost:3000/mcp', agent.fetch);
    await agent.during(steps, () => caller.initialize());
    const listed = await agent.during(['list'], () => caller.call('tools/list'));
    add('several-tools', formatTools(listed('list')));
    const weekday = { name: 'clock_weekday', arguments: { date: '2026-01-01' } };
    const called = await agent.during(['call'], () => caller.call('tools/call', weekday));
    add('several-call', formatMessage(called('call')));
    const order = { model: 'MacBook Pro', idempotency_key: 'guide-order-2' };
    const orders = await agent.during(['large'], () =>
      caller.call('tools/call', { name: 'inventory_place_purchase_order', arguments: { ...order, quantity: 10 } }),
    );
    add('several-refused', formatExchange(orders('large')));
  } finally {
    await agent.close();
  }
  return blocks;
}

function formatExchangeWithMessage(exchange: Parameters<typeof formatRequest>[0]): string {
  return `${formatRequest(exchange)}\n\n${formatMessage(exchange, { maxText: 60 })}`;
}

/** The rules about the tools of the inventory, as they stand in the files of the modes. */
function demoRules(): string {
  const rules = /^ +mcpAuthorization:\n[\s\S]*?(?=^ +backends:)/m;
  const files = ['infra/gateway/config.yaml', 'infra/gateway/config-policy.yaml'];
  return fence('yaml', files.map((file) => excerpt(file, rules)).join('\n\n'));
}
