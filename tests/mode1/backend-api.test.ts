import { describe, expect, it } from 'vitest';
import { backendUrl, json } from '../support/backend.ts';

const get = (path: string) => fetch(`${backendUrl}${path}`);

describe('the routes that clients of the known demo use', () => {
  it('answers at / and /health', async () => {
    expect(await json(await get('/'))).toEqual({ message: 'Supply Chain Agent API', version: '1.0.0' });
    expect(await json(await get('/health'))).toEqual({ status: 'healthy', service: 'supply-chain-api' });
  });

  it('knows the guest', async () => {
    expect(await json(await get('/auth/me'))).toEqual({
      id: 'guest',
      username: 'guest',
      name: 'Guest',
      email: 'guest@example.com',
      role: 'User',
      is_active: true,
    });
    expect(await json(await get('/auth/health'))).toMatchObject({ status: 'healthy', auth: 'disabled' });
  });

  it('lists the agents, and one of them', async () => {
    const agents = await json<Array<{ agent_id: string; status: string }>>(await get('/agents/status'));
    expect(agents.map(({ agent_id }) => agent_id)).toEqual([
      'supply-chain-optimizer',
      'inventory-service',
      'financial-service',
      'market-analysis-agent',
      'vendor-service',
      'procurement-agent',
    ]);
    const one = await json(await get('/agents/status/market-analysis-agent'));
    expect(one).toMatchObject({ agent_id: 'market-analysis-agent' });
    expect((await get('/agents/status/nobody')).status).toBe(404);
  });

  it('limits the activity feed', async () => {
    const all = await json<unknown[]>(await get('/agents/activities'));
    expect(Array.isArray(all)).toBe(true);
    expect((await json<unknown[]>(await get('/agents/activities?limit=1'))).length).toBeLessThanOrEqual(1);
  });

  it('answers 404 problem+json for unknown runs and routes', async () => {
    for (const path of [
      `/optimization/progress/${crypto.randomUUID()}`,
      '/optimization/results/not-a-uuid',
      '/nowhere',
    ]) {
      const response = await get(path);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(await json(response, 404)).toMatchObject({ error: 'not_found', detail: expect.any(String) });
    }
  });

  it('refuses malformed JSON and wrong types with 422 and a list of what is wrong', async () => {
    for (const [body, loc] of [
      ['{"prompt":', ['body']],
      ['{"prompt":7}', ['body', 'prompt']],
      ['[]', ['body']],
    ] as const) {
      const response = await fetch(`${backendUrl}/optimization/start`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(await json(response, 422)).toMatchObject({ error: 'invalid_request', detail: [{ loc }] });
    }
  });

  it('admits the page of the UI by CORS and no other', async () => {
    const preflight = (origin: string) =>
      fetch(`${backendUrl}/optimization/start`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
    const admitted = await preflight('http://localhost:3050');
    expect(admitted.ok).toBe(true);
    expect(admitted.headers.get('access-control-allow-origin')).toBe('http://localhost:3050');
    const other = await preflight('https://evil.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('describes itself', async () => {
    const document = await json<{ paths: Record<string, unknown> }>(await get('/openapi.json'));
    expect(Object.keys(document.paths)).toContain('/optimization/start');
    expect(await (await get('/docs')).text()).toContain('/optimization/start');
  });

  it('tells whether the supply-chain agent answers', async () => {
    const answer = await json(await get('/optimization/test-a2a-connection'));
    expect(answer).toMatchObject({ status: 'connected', auth_method: 'aauth' });
  });
});
