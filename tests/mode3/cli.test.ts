import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShell, type Shell } from '../support/aauth.ts';
import { approve } from '../support/agent.ts';
import { requestsOf } from '../support/logs.ts';
import { asPerson } from '../support/person.ts';
import { a2aMessage } from '../support/raw-request.ts';
import { until } from '../support/until.ts';

const provider = 'http://agent-provider.localhost:8766';
const supplyChain = 'http://supply-chain-agent.localhost:3000/';
let shell: Shell;

beforeAll(() => {
  shell = openShell();
});

afterAll(() => shell.remove());

describe('aauth in a shell', () => {
  it('enrols, and waits for the person', async () => {
    const init = shell.start('init', '--provider', provider, '--name', 'Shell of Alice', '--json');
    const [stableJkt] = await until('the key', () => /urn:jkt:sha-256:[\w-]{43}/.exec(init.stderr()) ?? undefined);
    await approve(stableJkt);
    const { code, stdout, stderr } = await init.ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({
      agent: expect.stringMatching(/^aauth:shell-of-alice-\w+@agent-provider\.localhost:8766$/),
      person_server: 'http://person-server.localhost:8765',
    });
  });

  it('finds the stack well', async () => {
    const { code, stdout } = await shell.run('doctor');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain(
      'supply-chain-agent.localhost:3000 signature: It takes a signature of aauth:shell-of-alice-',
    );
    expect(stdout).toContain('All is well.');
  });

  it('calls a protected agent through the proxy, and shows how access is got', async () => {
    const reached = requestsOf('supply-chain-agent');
    const message = a2aMessage('optimize laptop supply chain');
    const { code, stdout, stderr } = await shell.run('fetch', '--explain', supplyChain, '-d', message);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toHaveProperty('result');
    expect(requestsOf('supply-chain-agent')).toBe(reached + 1);
    expect(stderr).toMatch(/Ask the person server for a person token for http:\/\/supply-chain-agent\.localhost:3000/);
    expect(stderr).toMatch(/< requires: auth-token/);
    expect(stderr).toMatch(/scope: supply-chain:check supply-chain:read/);
    expect(stderr).not.toMatch(/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]{20,}/);
  });

  it('verifies a request that it has signed for the proxy', async () => {
    const file = join(shell.home, 'request.http');
    const signed = await shell.run('sign', '--format', 'http', supplyChain, '-d', a2aMessage('x'), '--quiet');
    expect(signed).toMatchObject({ code: 0, stderr: '' });
    await writeFile(file, signed.stdout);
    const verified = await shell.run('verify', '--require', 'content-digest', file);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('The signature holds.') });
  });

  it('reads what every party publishes, and finds nothing wrong with it', async () => {
    for (const origin of [
      provider,
      'http://person-server.localhost:8765',
      'http://market-analysis-agent.localhost:3000',
    ]) {
      const { code, stdout } = await shell.run('metadata', origin, '--json');
      expect({ origin, code, stdout }).toMatchObject({ code: 0 });
    }
  });

  it('bridges an MCP host that knows nothing of AAuth to the inventory', async () => {
    const bridge = shell.start('mcp-bridge', 'http://inventory.localhost:3000/mcp');
    const ask = (message: object) => bridge.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    const answer = (id: number) =>
      until(`answer ${id}`, () => {
        const lines = bridge
          .stdout()
          .split('\n')
          .filter((line) => line !== '');
        return lines.map((line) => Object(JSON.parse(line))).find((message) => message.id === id);
      });
    const clientInfo = { name: 'host', version: '1' };
    ask({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } });
    expect(await answer(1)).toHaveProperty('result.serverInfo');
    ask({ method: 'notifications/initialized' });
    ask({ id: 2, method: 'tools/list' });
    const { result } = await answer(2);
    expect(result.tools.length).toBeGreaterThan(2);
    bridge.finish();
    expect((await bridge.ended).code).toBe(0);
  });

  it('is refused from the moment on that the person revokes it', async () => {
    const { agent } = JSON.parse((await shell.run('whoami', '--json')).stdout);
    await asPerson(`/person/bindings/${encodeURIComponent(agent)}/revoke`, { method: 'POST' });
    const reached = requestsOf('supply-chain-agent');
    const { code, stdout } = await shell.run('fetch', '--json', supplyChain, '-d', a2aMessage('x'));
    expect({ code, json: JSON.parse(stdout) }).toMatchObject({ code: 5, json: { error: 'revoked' } });
    expect(requestsOf('supply-chain-agent')).toBe(reached);
  });
});
