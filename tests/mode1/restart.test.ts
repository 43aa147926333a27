import { afterEach, describe, expect, inject, it } from 'vitest';
import { endOf, progressOf, resultsOf, startRun } from '../support/backend.ts';
import { runScript } from '../support/commands.ts';
import { killed, pidOf } from '../support/processes.ts';
import { until } from '../support/until.ts';

const environment = inject('stackEnvironment');
let frozen: number | undefined;

afterEach(() => {
  if (frozen !== undefined) process.kill(frozen, 'SIGCONT');
  frozen = undefined;
});

describe('a restart', () => {
  it('W13: carries a run through when the backend is killed in the middle of it', async () => {
    frozen = pidOf('market-analysis-agent');
    process.kill(frozen, 'SIGSTOP');
    const requestId = await startRun({ prompt: 'perform market analysis' });
    await until('the run to be under way', async () => (await progressOf(requestId)).progress_percentage >= 25);

    await killed('backend');
    process.kill(frozen, 'SIGCONT');
    const again = await runScript('start-infra.sh', ['mode1'], environment);
    expect(again).toMatchObject({ code: 0 });

    const progress = await endOf(requestId);
    expect(progress).toMatchObject({ status: 'completed', progress_percentage: 100 });
  });

  it('keeps identities when every service is killed and started again', async () => {
    const before = await agentIdentifiers();
    for (const service of [
      'backend',
      'supply-chain-agent',
      'market-analysis-agent',
      'inventory-mcp',
      'resource-proxy',
      'person-server',
      'agent-provider',
    ]) {
      await killed(service);
    }
    const again = await runScript('start-infra.sh', ['mode1'], environment);
    expect(again).toMatchObject({ code: 0 });
    expect(again.output).not.toContain('Approved in your place');
    expect(await agentIdentifiers()).toEqual(before);
    expect((await endOf(await startRun({ prompt: 'perform market analysis' }))).status).toBe('completed');
  });

  it('fails a run with the reason when the supply-chain agent is down, not with a success or a timeout', async () => {
    await killed('supply-chain-agent');
    const progress = await endOf(await startRun({ prompt: 'perform market analysis' }));
    expect(progress.status).toBe('failed');
    expect(progress.error).toMatch(/502|not.*reach|cannot be reached/i);
    expect(progress.current_step).toContain(progress.error ?? 'unknown');
    expect(await runScript('start-infra.sh', ['mode1'], environment)).toMatchObject({ code: 0 });
    expect((await endOf(await startRun({ prompt: 'perform market analysis' }))).status).toBe('completed');
  });

  it('completes without a market analysis when that agent is down, and says why there is none', async () => {
    await killed('market-analysis-agent');
    const progress = await endOf(await startRun({ prompt: 'perform market analysis' }));
    expect(progress.status).toBe('completed');
    const details = progress.activities.map(({ details }) => details).join('\n');
    expect(details).toMatch(/No market analysis provided \(.+\)/);
    expect(await runScript('start-infra.sh', ['mode1'], environment)).toMatchObject({ code: 0 });
  });
});

describe('the inventory', () => {
  it('completes without a market analysis when it is down, says why, and invents no purchases', async () => {
    await killed('inventory-mcp');
    const requestId = await startRun({ prompt: 'perform market analysis' });
    const progress = await endOf(requestId);
    expect(progress.status).toBe('completed');
    const details = progress.activities.map(({ details }) => details).join('\n');
    expect(details).toMatch(/No market analysis provided \(.*inventory\.localhost:3000 could not be read.*502/);
    expect((await resultsOf(requestId)).recommendations).toEqual([]);
    expect(await runScript('start-infra.sh', ['mode1'], environment)).toMatchObject({ code: 0 });
    expect((await resultsOf(await ended())).summary.total_cost).toBe(25_000);
  });
});

async function ended(): Promise<string> {
  const requestId = await startRun({ prompt: 'perform market analysis' });
  await endOf(requestId);
  return requestId;
}

async function agentIdentifiers(): Promise<string[]> {
  const response = await fetch('http://127.0.0.1:8765/person/bindings', {
    headers: { authorization: 'Bearer mytoken' },
  });
  const bindings: Array<{ agent_id: string }> = JSON.parse(await response.text());
  return bindings.map(({ agent_id }) => agent_id).sort();
}
