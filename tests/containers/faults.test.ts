import { createServer } from 'node:net';
import { createSignedFetch } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { enrolAgent } from '../support/agent.ts';
import { backendUrl, endOf, startRun } from '../support/backend.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { takeBackEverything } from '../support/person.ts';
import { until } from '../support/until.ts';
import { agentIds, compose, containers, docker, evaluated, forget, healthy, ready, up } from './deployment.ts';

const prompt = 'perform market analysis';
const portal = { authorization: 'Bearer mytoken' };
const withDatabase = ['person-server', 'agent-provider', 'resource-proxy', 'backend', 'inventory-mcp'];

/** Status and Retry-After of an answer. */
type Answer = [status: number, retryAfter: string | null];

async function ask(url: string, init?: RequestInit): Promise<Answer> {
  const { status, headers } = await fetch(url, init);
  return [status, headers.get('retry-after')];
}

const unavailable = [503, expect.stringMatching(/^\d+$/)];

/** A request in a session that nobody has, as the proxy passes it on: the inventory looks for it in its database. */
const toolList = `(async () => {
  const { readFileSync } = await import('node:fs');
  const response = await fetch('http://127.0.0.1:9997/mcp', {
    method: 'POST',
    headers: {
      'content-type': 'application/json', accept: 'application/json, text/event-stream',
      'mcp-session-id': '7c0a2c4e-3c55-4f0e-9a59-2d3e0f6b9b11', 'mcp-protocol-version': '2025-11-25',
      'x-aauth-proxy-secret': readFileSync('/var/lib/aauth/proxy-secret', 'utf8').trim(),
      'x-aauth-level': 'identified', 'x-aauth-scheme': 'jwt', 'x-aauth-token-type': 'aa-agent+jwt',
      'x-aauth-agent': 'aauth:test@agent-provider.localhost:8766',
      'x-aauth-agent-server': 'http://agent-provider.localhost:8766',
      'x-aauth-jkt': 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return [response.status, response.headers.get('retry-after')];
})()`;

describe.skipIf(!inject('engine'))('the stack in containers', () => {
  beforeAll(() => up({ AAUTH_MODE: 'user-consent' }));
  // What one test has stopped is there again for the next, whatever became of the first.
  afterEach(async () => {
    await compose(['start', 'postgres', 'agent-provider', 'jaeger']);
    for (const service of withDatabase) await healthy(service);
  });
  afterAll(forget);

  it('answers 503 with Retry-After while PostgreSQL is away, recovers by itself, and has lost nothing', async () => {
    const agent = await enrolAgent('Stranger');
    const signed = createSignedFetch({ ...agent, credentials: () => agent.session.credentials(), now: systemClock });
    const before = await agentIds();
    await takeBackEverything();
    const waiting = await startRun({ prompt });
    const { interaction_code } = await interactionOf(waiting);
    const started = new Map((await containers()).map(({ Name, Service }) => [Service, Name]));

    expect(await evaluated('inventory-mcp', toolList)).toEqual([404, null]);

    await compose(['stop', 'postgres']);
    expect(await ask('http://localhost:8765/person/consents', { headers: portal })).toEqual(unavailable);
    expect(await ask('http://localhost:8766/.well-known/jwks.json')).toEqual(unavailable);
    expect(await ask(`${backendUrl}/optimization/progress/${waiting}`)).toEqual(unavailable);
    const start = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ prompt }) };
    expect(await ask(`${backendUrl}/optimization/start`, start)).toEqual(unavailable);
    const { status, headers } = await signed('http://supply-chain-agent.localhost:3000/', {
      method: 'POST',
      body: '{}',
    });
    expect([status, headers.get('retry-after')]).toEqual(unavailable);
    expect(await evaluated('inventory-mcp', toolList)).toEqual(unavailable);
    expect(await ask('http://localhost:8765/healthz')).toEqual(unavailable);

    await compose(['start', 'postgres']);
    for (const service of withDatabase) await healthy(service);
    expect(await agentIds()).toEqual(before);
    const { pending_id } = await consentRequest(interaction_code);
    await decide(pending_id, { approved: true });
    expect((await endOf(waiting)).status).toBe('completed');
    expect(new Map((await containers()).map(({ Name, Service }) => [Service, Name]))).toEqual(started);
    for (const service of withDatabase) {
      const { stdout } = await docker(['inspect', '--format', '{{.RestartCount}}', started.get(service) ?? '']);
      expect([service, stdout.trim()]).toEqual([service, '0']);
    }
    await agent.close();
  });

  it('works without Jaeger', async () => {
    await compose(['stop', 'jaeger']);
    await takeBackEverything();
    const requestId = await startRun({ prompt });
    const { interaction_code } = await interactionOf(requestId);
    await decide((await consentRequest(interaction_code)).pending_id, { approved: true });
    expect((await endOf(requestId)).status).toBe('completed');
    await compose(['start', 'jaeger']);
  });

  it('goes on while the Agent Provider is down, and agents that start then wait for it', async () => {
    const before = await agentIds();
    await compose(['stop', 'agent-provider']);
    await takeBackEverything();
    const requestId = await startRun({ prompt });
    const { interaction_code } = await interactionOf(requestId);
    await decide((await consentRequest(interaction_code)).pending_id, { approved: true });
    expect((await endOf(requestId)).status).toBe('completed');

    await compose(['restart', 'supply-chain-agent']);
    await until('the agent to say what it waits for', async () =>
      /cannot be reached|waits for|is not answering/.test(
        await compose(['logs', '--since', '30s', 'supply-chain-agent']),
      ),
    );
    await compose(['start', 'agent-provider']);
    await ready();
    expect(await agentIds()).toEqual(before);
  });

  it.each(['person-server', 'supply-chain-agent', 'market-analysis-agent', 'resource-proxy', 'backend'])(
    'survives that %s is killed in the middle of a consent',
    async (service) => {
      await takeBackEverything();
      const requestId = await startRun({ prompt });
      const { interaction_code } = await interactionOf(requestId);
      const name = (await containers()).find((container) => container.Service === service)?.Name ?? '';
      await docker(['kill', name]);
      await docker(['start', name]);
      await healthy(service);
      // Where the call that waited was lost, the person is asked anew.
      const code = await until('a question to decide', async () => {
        const { status, interaction_code: now } = await (
          await fetch(`${backendUrl}/optimization/progress/${requestId}`)
        ).json();
        if (status === 'completed') return 'none';
        return status === 'interaction_required' && now;
      });
      expect(code).toEqual(service === 'person-server' ? interaction_code : expect.anything());
      const { pending_id } = await until('the question', () => consentRequest(code).catch(() => undefined));
      await decide(pending_id, { approved: true });
      const { status, error } = await endOf(requestId);
      expect([status, error]).toEqual(['completed', null]);
    },
  );

  it.each([
    ['a password that is wrong', 'postgres://person_server:wrong@postgres:5432/person_server', '28P01'],
    ['a host that is not there', 'postgres://x:y@nowhere:5432/x', 'nothing answers there'],
    ['what is no URL', 'postgres', 'DATABASE_URL'],
  ])('ends with one clear line and exit code 1 where DATABASE_URL names %s', async (_, url, reason) => {
    const { code, stderr } = await docker([
      ...['compose', 'run', '--rm', '--no-deps', '--quiet-pull', '--env', `DATABASE_URL=${url}`, 'person-server'],
    ]);
    const lines = stderr.split('\n').filter((line) => line !== '' && !/ (?:Container|Network|Volume) /.test(line));
    expect([code, lines]).toEqual([1, [expect.stringContaining(reason)]]);
    expect(lines[0]).not.toContain('wrong@');
  });

  it('names a port of this machine that something else has, and starts once it is free', async () => {
    await compose(['down']);
    const squatter = createServer().listen(3050, '127.0.0.1');
    const { code, stderr } = await docker(['compose', 'up', '--detach', '--no-build']);
    squatter.close();
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/127\.0\.0\.1:3050.*(?:already allocated|address already in use)/s);
    await up({ AAUTH_MODE: 'user-consent' });
  });
});
