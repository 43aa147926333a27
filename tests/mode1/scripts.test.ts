import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, inject, it } from 'vitest';
import { runScript } from '../support/commands.ts';
import { killed, pidOf } from '../support/processes.ts';

const environment = inject('stackEnvironment');
const services = [
  'agent-provider',
  'person-server',
  'resource-proxy',
  'inventory-mcp',
  'market-analysis-agent',
  'supply-chain-agent',
  'backend',
  'supply-chain-ui',
];

describe('start-infra.sh', () => {
  it('prints a line for each service and where to go next', () => {
    const output = inject('startOutput');
    for (const service of services) expect(output).toMatch(new RegExp(`^ +${service} +http\\S+ +\\d`, 'm'));
    expect(output).toContain('http://localhost:3050');
    expect(output).toContain('http://person-server.localhost:8765/ui');
    expect(output).toContain('curl -X POST http://localhost:8000/optimization/start');
  });

  it('W14: approves the agents of the demo, and says by what it knows them', () => {
    expect(inject('startOutput')).toMatch(
      /Approved in your place, by the thumbprints of the demo's own key files: .*Backend App/,
    );
  });

  it('leaves a running stack as it is', async () => {
    const before = services.map(pidOf);
    const again = await runScript('start-infra.sh', ['--mode', 'mode1'], environment);
    expect(again.code).toBe(0);
    expect(again.output.match(/already running/g)).toHaveLength(services.length);
    expect(services.map(pidOf)).toEqual(before);
  });

  it('refuses a word it does not know', async () => {
    const { code, output } = await runScript('start-infra.sh', ['mode7'], environment);
    expect(code).toBe(2);
    expect(output).toContain('"mode7" is not a mode');
  });

  it('W8, W12: names the process that holds a port, and starts nothing over it', async () => {
    await killed('backend');
    await killed('agent-provider');
    const squatter = createServer();
    await once(squatter.listen(8000, '127.0.0.1'), 'listening');
    const refused = await runScript('start-infra.sh', ['mode1'], environment);
    await new Promise((resolve) => squatter.close(resolve));
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(new RegExp(`^Port 8000, which backend needs, is taken by .*${process.pid}`, 'm'));
    expect(refused.output).not.toMatch(/^ +at |agent-provider/m);
    expect(await runScript('start-infra.sh', ['mode1'], environment)).toMatchObject({ code: 0 });
  });
});
