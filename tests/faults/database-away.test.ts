import { afterAll, beforeAll, expect } from 'vitest';
import { until } from '../support/until.ts';
import { fault } from './support/fault.ts';
import { type Stack, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack('mode1');
});
afterAll(() => stack?.stop());

const readers = [
  { name: 'person-server', path: '/person/issued-tokens' },
  { name: 'agent-provider', path: '/.well-known/jwks.json' },
  { name: 'backend', path: '/optimization/all' },
] as const;

for (const { name, path } of readers) {
  fault(
    `PostgreSQL stopped, and started again, under ${name}`,
    '503 with Retry-After, /healthz says so; the same process serves on when it is back',
    async () => {
      const { health } = stack.service(name);
      const ask = (where: string) => fetch(`${health}${where}`, { headers: { authorization: 'Bearer mytoken' } });
      expect((await ask(path)).status).toBe(200);
      await stack.postgres.stop();
      const away = await ask(path);
      const checks = await ask('/healthz');
      await stack.postgres.start();
      await until(`${name} to serve again`, async () => (await ask(path)).status === 200);
      expect(away.status).toBe(503);
      expect(away.headers.get('content-type')).toBe('application/problem+json');
      expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
      expect([checks.status, Object.keys(JSON.parse(await checks.text()).checks)]).toEqual([503, ['database']]);
      expect(stack.service(name).isRunning()).toBe(true);
      return '503, Retry-After; serves on without a restart';
    },
  );
}
