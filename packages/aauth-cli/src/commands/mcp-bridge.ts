import { once } from 'node:events';
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { openAgent } from '../agent/agent-fetch.ts';
import { withNetwork } from '../agent/network.ts';
import { bringPerson, personOptions } from '../agent/person.ts';
import { defineCommand } from '../command/command.ts';
import { showFailure } from '../command/failure.ts';
import { createProfiles } from '../config/profiles.ts';
import { watchFetch } from '../http/exchange.ts';
import { parseUrl, readHeaders } from '../http/request-input.ts';
import { verboseLines } from '../http/verbose.ts';
import { bridge } from '../mcp/bridge.ts';

/** `aauth mcp-bridge` */
export const mcpBridgeCommand = defineCommand({
  name: 'mcp-bridge',
  summary: 'let an MCP host that knows nothing of AAuth use an MCP server that AAuth protects',
  usage: ['URL'],
  description: `
Speaks MCP on standard input and output, as hosts start servers, and Streamable HTTP to the server, with every request signed as the agent
of the profile and challenges answered. Configure it in the host as a command:

  {"mcpServers": {"inventory": {"command": "aauth", "args": ["mcp-bridge", "https://inventory.example/mcp", "--open"]}}}

Standard error has what happens; a link to a decision of the person is shown there, and with --open in the browser. A request that
cannot be delivered is answered with an error that says why.`,
  options: {
    open: personOptions.open,
    justification: personOptions.justification,
    header: { type: 'string', short: 'H', value: '"NAME: VALUE"', multiple: true, help: 'a header for every request' },
    verbose: { type: 'boolean', short: 'v', help: 'show every request and response on standard error' },
  },
  examples: [['aauth mcp-bridge https://inventory.example/mcp', 'as the command of an MCP server in a host']],
  positionals: [1, 1],
  async run({ values, positionals: [target = ''], context, terminal }) {
    const url = parseUrl(target);
    const profiles = createProfiles(context.env);
    const profile = await profiles.load(values.profile);
    const headers = await readHeaders(values.header ?? []);
    await withNetwork(context, async (network) => {
      const fetch = watchFetch(network.fetch, {
        readsAnswersOf: () => false,
        onExchange: (exchange) => {
          if (values.verbose) terminal.tell(verboseLines(exchange, false));
        },
      });
      const work = bringPerson({ ...values, context, terminal, identifiers: network.identifiers });
      const { agentFetch, identity } = await openAgent({ ...work, context, profiles, profile, network, fetch });
      terminal.note(`${identity.profile.agent ?? profile.agentName} bridges to ${url.href}`);
      await bridge({
        host: new StdioServerTransport(context.stdin, context.stdout),
        server: new StreamableHTTPClientTransport(url, {
          // What AAuth refuses is not for the transport to repair: it knows OAuth only.
          fetch: agentFetch,
          requestInit: { headers: Object.fromEntries(headers) },
        }),
        signal: context.signal,
        hostEnded: once(context.stdin, 'end'),
        describe: (error) => describe(error, url),
        note: (text) => terminal.note(text),
      });
    });
  },
});

function describe(error: unknown, url: URL): string {
  if (error instanceof StreamableHTTPError && error.code === 404) {
    return `${url.href} knows no such session, or is no MCP server. Restart the server in the host.`;
  }
  const { detail, hint } = showFailure(error);
  return hint ? `${detail} ${hint}` : detail;
}
