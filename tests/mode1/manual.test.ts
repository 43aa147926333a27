import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, progressOf, startRun } from '../support/backend.ts';
import { runScript } from '../support/commands.ts';
import { newDataDirectory } from '../support/data-directory.ts';
import { asPerson } from '../support/person.ts';
import { isRunning, pidOf } from '../support/processes.ts';
import { until } from '../support/until.ts';

const usual = inject('stackEnvironment');
const fresh = { ...usual, AAUTH_DATA_DIR: newDataDirectory('manual') };
const agents = ['Backend App', 'Market Analysis Agent', 'Supply Chain Optimizer Agent'];
let output: string;

beforeAll(async () => {
  await runScript('stop-infra.sh', [], usual);
  const started = await runScript('start-infra.sh', ['mode1', '--manual'], fresh);
  expect(started).toMatchObject({ code: 0 });
  output = started.output;
});

afterAll(async () => {
  await runScript('stop-infra.sh', [], fresh);
  rmSync(fresh.AAUTH_DATA_DIR, { recursive: true, force: true });
  await runScript('start-infra.sh', ['mode1'], usual);
});

interface Registration {
  id: string;
  agent_name: string;
}

describe('start-infra.sh --manual', () => {
  it('leaves the approval to the person, and says where', () => {
    expect(output).toContain('Agents wait for your approval: open http://person-server.localhost:8765/ui');
    expect(output).not.toContain('Approved in your place');
  });

  it('a run waits for the approval and says so, then completes', async () => {
    const requestId = await startRun({ prompt: 'perform market analysis' });
    const waiting = await until('the run to wait', async () => {
      const progress = await progressOf(requestId);
      return progress.status === 'approval_pending' && progress;
    });
    expect(waiting).toMatchObject({
      current_step: expect.stringMatching(/“Backend App” waits for your approval/),
      interaction_url: 'http://person-server.localhost:8765/ui',
      interaction_code: null,
    });
    expect((await fetch('http://localhost:8000/readyz')).status).toBe(503);

    const registrations = await until('three enrolments', async () => {
      const pending = await asPerson<Registration[]>('/person/registrations');
      return pending.length === agents.length && pending;
    });
    expect(registrations.map(({ agent_name }) => agent_name).sort()).toEqual(agents);
    for (const { id } of registrations) await asPerson(`/person/registrations/${id}/approve`, { method: 'POST' });
    expect((await endOf(requestId)).status).toBe('completed');
  });
});

describe('stop-infra.sh', () => {
  it('ends what was started and nothing else', async () => {
    const pids = ['agent-provider', 'person-server', 'resource-proxy', 'supply-chain-agent', 'backend'].map(pidOf);
    const stopped = await runScript('stop-infra.sh', [], fresh);
    expect(stopped).toMatchObject({ code: 0, output: expect.stringContaining('backend, supply-chain-agent') });
    expect(pids.filter(isRunning)).toEqual([]);
    await expect(fetch('http://127.0.0.1:8000/healthz')).rejects.toThrow();
    expect(isRunning(process.pid)).toBe(true);
    expect(await runScript('stop-infra.sh', [], fresh)).toMatchObject({ code: 0, output: 'Nothing to stop.\n' });
  });
});
