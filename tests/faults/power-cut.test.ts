import { afterAll, beforeAll, expect } from 'vitest';
import { decide } from '../support/consent.ts';
import { fault } from './support/fault.ts';
import { identities } from './support/records.ts';
import { askedRun, outcomeOf, since } from './support/run.ts';
import { type Stack, serviceNames, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack('user-consent');
});
afterAll(() => stack?.stop());

fault(
  'every process killed at once, PostgreSQL too, while the person decides',
  'the same agents and keys; the question is still open; the run completes',
  async () => {
    const before = await identities();
    const { requestId, pendingId } = await askedRun();
    await Promise.all([...serviceNames.map((name) => stack.kill(name)), stack.postgres.crash()]);
    const started = performance.now();
    await stack.postgres.start();
    // As the scripts start them: each after those that it turns to first.
    for (const name of serviceNames) await stack.revive(name);
    const up = since(started);
    expect(await identities()).toEqual(before);
    await decide(pendingId, { approved: true });
    expect(await outcomeOf(requestId)).toBe('completed');
    return `up again after ${up}; ${before.agents.length} agents and ${before.keys.length} keys as before; completed`;
  },
);
