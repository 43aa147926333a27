import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createShell } from '../guides/shell.ts';
import type { Mode } from '../modes.ts';
import { root } from '../root.ts';
import { portalToken } from '../services.ts';
import { say, sayError } from '../terminal.ts';
import { waitFor } from '../wait-for.ts';
import { createRecordedSpans } from './recorded-spans.ts';

/**
 * Records what the tests of the flow view are made with, of one run in each of these modes, by agents that have no tokens yet: the
 * spans that the services delivered, and the flow that the backend made of them.
 */
const recorded: readonly Mode[] = ['mode1', 'user-consent'];
const spansOf = (mode: Mode) => join(root, 'apps', 'backend', 'src', 'flow', 'testing', `${mode}.spans.jsonl`);
const flowsFile = join(root, 'apps', 'supply-chain-ui', 'test', 'support', 'recorded-flows.jsonl');
const backend = 'http://localhost:8000';
const personServer = 'http://localhost:8765';
const settledMs = 3_000;

const started = z.object({ request_id: z.string() });
const progress = z.object({ status: z.string(), interaction_code: z.string().nullable() });
const consent = z.object({ pending_id: z.string() });

async function record(mode: Mode): Promise<{ spans: string; flow: string }> {
  const spans = createRecordedSpans();
  const receiver = createServer(async (request, response) => {
    const body = await text(request);
    spans.add(JSON.parse(body));
    // The backend gets them too, and makes its flow of them.
    const { authorization = '' } = request.headers;
    const headers = { authorization, 'content-type': 'application/json' };
    await fetch(`${backend}/otlp/v1/traces`, { method: 'POST', headers, body }).catch(() => undefined);
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const dataDirectory = mkdtempSync(join(tmpdir(), 'aauth-flows-'));
  const shell = createShell(dataDirectory);
  try {
    await shell.run(`AAUTH_FLOW_EXPORTER_URL=http://127.0.0.1:${port}/ ./scripts/start-infra.sh ${mode}`);
    const requestId = await run();
    await delay(settledMs);
    return { spans: spans.ofRun(requestId), flow: JSON.stringify(await call(`${backend}/flows/${requestId}`)) };
  } finally {
    await shell.run('./scripts/stop-infra.sh');
    rmSync(dataDirectory, { recursive: true, force: true });
    receiver.close();
  }
}

/** Starts a run as the page does, approves what the person is asked, and waits for its end. */
async function run(): Promise<string> {
  const body = JSON.stringify({ prompt: 'perform market analysis' });
  const { request_id: id } = started.parse(await call(`${backend}/optimization/start`, 'POST', body));
  const approved = new Set<string>();
  return waitFor(
    async () => {
      const { status, interaction_code: code } = progress.parse(await call(`${backend}/optimization/progress/${id}`));
      if (status === 'failed') throw new Error(`Run ${id} failed.`);
      if (code !== null && !approved.has(code)) {
        approved.add(code);
        // Long enough for the agent to be waiting for the answer.
        await delay(settledMs);
        const { pending_id: pending } = consent.parse(await call(`${personServer}/consent?code=${code}`));
        await call(`${personServer}/consent/${pending}/decision`, 'POST', '{"approved":true}');
      }
      return status === 'completed' ? id : undefined;
    },
    { timeoutMs: 60_000, onTimeout: () => new Error(`Run ${id} does not end.`) },
  );
}

async function call(url: string, method = 'GET', body?: string): Promise<unknown> {
  const who = url.startsWith(backend)
    ? { origin: 'http://localhost:3050' }
    : { authorization: `Bearer ${portalToken()}` };
  const headers = { ...who, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

try {
  const flows: string[] = [];
  for (const mode of recorded) {
    const { spans, flow } = await record(mode);
    writeFileSync(spansOf(mode), spans);
    flows.push(flow);
    say(`Recorded a run of ${mode}.`);
  }
  writeFileSync(flowsFile, `${flows.join('\n')}\n`);
} catch (error) {
  sayError(error);
  process.exitCode = 1;
}
