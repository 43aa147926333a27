import { z } from 'zod';
import { waitFor } from '../wait-for.ts';
import { fence, formatBody } from './format-http.ts';
import type { JsonFormat } from './format-json.ts';
import type { Stack } from './stack.ts';

/** A command of the reader with what it prints, as Markdown. */
export function formatCommand(command: string, output: string): string {
  return fence('console', `$ ${command}${output === '' ? '' : `\n${output}`}`);
}

/** Runs a command whose output is JSON, or an HTTP response of `curl -i` with JSON in it, and formats it for reading. */
export async function runCommand(stack: Stack, command: string, format?: JsonFormat): Promise<string> {
  return formatCommand(command, formatOutput(await stack.shell.run(command), format));
}

function formatOutput(output: string, format?: JsonFormat): string {
  const [head = '', body = ''] = output.split(/\r\n\r\n/, 2);
  if (!head.startsWith('HTTP/')) return formatBody(output, format);
  const lines = head.split('\r\n').filter((line) => !ofTheConnection.test(line));
  return [...lines, '', formatBody(body, format)].join('\n').trimEnd();
}

const ofTheConnection =
  /^(date|connection|keep-alive|content-length|transfer-encoding|vary|x-|referrer-policy|content-security-policy|cross-origin)/i;

/** Starts an optimization as a reader does. */
export async function startRun(stack: Stack): Promise<{ markdown: string; id: string }> {
  const command = `curl -s http://localhost:8000/optimization/start -H 'content-type: application/json' -d '{"prompt":"perform market analysis"}'`;
  const output = await stack.shell.run(command);
  const { request_id: id }: { request_id: string } = JSON.parse(output);
  return { markdown: formatCommand(command, formatBody(output)), id };
}

/** Runs a command again and again until what it prints is what is waited for. */
export async function runUntil(
  stack: Stack,
  command: string,
  isAwaited: (output: string) => boolean,
  format?: JsonFormat,
): Promise<string> {
  const output = await waitFor(
    async () => {
      const printed = await stack.shell.run(command);
      return isAwaited(printed) ? printed : undefined;
    },
    { timeoutMs: 60_000, onTimeout: () => new Error(`What was waited for did not come: ${command}`) },
  );
  return formatCommand(command, formatBody(output, format));
}

const progress = z.object({ status: z.string() });

/** Whether the progress that a command printed is that of a run which has ended; its steps end before it. */
export function hasEnded(output: string): boolean {
  return ['completed', 'failed'].includes(progress.parse(JSON.parse(output)).status);
}
