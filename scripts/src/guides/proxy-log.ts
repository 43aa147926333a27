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

/** What the proxy has said of its checks since then, as Markdown. */
export async function checksSince(position: number, count: number): Promise<string> {
  const lines = await waitFor(
    async () => {
      const found = linesSince(position).filter(({ msg }) => msg === 'check' || msg === 'token revoked');
      return found.length >= count ? found : undefined;
    },
    { timeoutMs: 10_000, onTimeout: () => new Error(`The proxy has not logged ${count} checks.`) },
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
