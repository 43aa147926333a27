import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { logDirectory } from '../root.ts';
import { waitFor } from '../wait-for.ts';
import { fence } from './format-http.ts';
import { formatJson } from './format-json.ts';

const file = join(logDirectory, 'resource-proxy.log');
/** What tells lines of one run from those of another. */
const volatile = ['time', 'service', 'trace_id', 'span_id', 'latency_ms'];
const importance = ['info', 'warn', 'error'];

/** Where the proxy's log ends now. */
export function endOfProxyLog(): number {
  return statSync(file).size;
}

/**
 * What the proxy has said of its checks since then, as Markdown.
 *
 * @param naming what lines have to name; the others of that time may come in any order
 */
export async function checksSince(position: number, count: number, naming = ''): Promise<string> {
  const lines = await waitFor(
    async () => {
      // What the market-analysis agent reads is a check for each message, in no fixed order: another guide is about it.
      const about = linesSince(position).filter(({ resource_id: id }) => id !== 'inventory');
      const checks = about.filter(({ msg }) => msg === 'check' || msg === 'token revoked');
      const found = checks.filter((line) => JSON.stringify(line).includes(naming));
      return found.length >= count ? found : undefined;
    },
    { timeoutMs: 10_000, onTimeout: () => new Error(`The proxy has not logged ${count} checks.`) },
  );
  return fence('json', lines.map((line) => formatJson(withoutVolatile(line))).join('\n'));
}

/** What the proxy has said of uses of an MCP server that it did not admit, as Markdown. */
export async function denialsSince(position: number): Promise<string> {
  const lines = await waitFor(
    async () => {
      const found = linesSince(position).filter(({ msg }) => msg === 'mcp');
      return found.length > 0 ? found : undefined;
    },
    { timeoutMs: 10_000, onTimeout: () => new Error('The proxy has logged no denial.') },
  );
  return fence('json', lines.map((line) => formatJson(withoutVolatile(line))).join('\n'));
}

function linesSince(position: number): Array<Record<string, unknown>> {
  const text = readFileSync(file).subarray(position).toString();
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line));
}

function withoutVolatile({ level, ...line }: Record<string, unknown>): Record<string, unknown> {
  const rest = Object.entries(line).filter(([name]) => !volatile.includes(name));
  // The level that a check found the caller to have takes the place of the line's own.
  return Object.fromEntries(importance.includes(String(level)) ? rest : [['level', level], ...rest]);
}
