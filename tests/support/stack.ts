import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import type { TestProject } from 'vitest/node';
import { root, runScript } from './commands.ts';
import { newDataDirectory } from './data-directory.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the spans received so far can be read, as JSON. */
    spansUrl: string;
    /** What `start-infra.sh` needs to find this very stack again. */
    stackEnvironment: Record<string, string>;
    startOutput: string;
  }
}

/** Starts the stack as a user does, with empty state of its own, and an OTLP receiver in Jaeger's place. */
export default async function startStack(project: TestProject): Promise<() => Promise<void>> {
  const mode = process.env.AAUTH_TEST_MODE ?? 'mode1';
  refuseIfRunning();
  const receiver = await createOtlpReceiver();
  const spans = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(receiver.spans()));
  });
  const spansPort = await new Promise<number>((resolve) => {
    spans.listen(0, '127.0.0.1', () => {
      const address = spans.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  const dataDirectory = newDataDirectory('stack');
  const environment = {
    AAUTH_DATA_DIR: dataDirectory,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };

  const stop = async () => {
    await runScript('stop-infra.sh', [], environment);
    await receiver.close();
    await new Promise((resolve) => spans.close(resolve));
    rmSync(dataDirectory, { recursive: true, force: true });
  };

  const { code, output } = await runScript('start-infra.sh', [mode], environment);
  if (code !== 0) {
    await stop();
    throw new Error(`start-infra.sh ${mode} ended with ${code}:\n${output}`);
  }
  project.provide('spansUrl', `http://127.0.0.1:${spansPort}/`);
  project.provide('stackEnvironment', environment);
  project.provide('startOutput', output);
  return stop;
}

function refuseIfRunning(): void {
  let pids = '';
  try {
    pids = readFileSync(join(root, '.infra-pids'), 'utf8');
  } catch {
    return;
  }
  if (pids.trim()) throw new Error('A stack is running from this checkout. Stop it first: scripts/stop-infra.sh');
}
