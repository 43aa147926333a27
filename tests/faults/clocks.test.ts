import { afterAll, beforeAll, expect } from 'vitest';
import { decide } from '../support/consent.ts';
import { createProbe, type Probe } from './support/connect-probe.ts';
import { fault } from './support/fault.ts';
import { grantedRun } from './support/granted-run.ts';
import { identities } from './support/records.ts';
import { askedRun, outcomeOf } from './support/run.ts';
import { type Stack, serviceNames, startStack } from './support/stack.ts';

const hour = 3600;
let stack: Stack;
const probes = new Map<string, Probe>();

beforeAll(async () => {
  for (const name of serviceNames) probes.set(name, createProbe());
  const environment = Object.fromEntries([...probes].map(([name, probe]) => [name, probe.environment]));
  stack = await startStack('user-consent', { environment });
});

afterAll(async () => {
  await stack?.stop();
  for (const probe of probes.values()) probe.close();
});

async function moveClocks(aheadSeconds: number, names: readonly string[] = serviceNames): Promise<void> {
  await Promise.all(names.map((name) => probes.get(name)?.moveClock(aheadSeconds)));
}

fault(
  'every clock an hour ahead, as after a machine was suspended, while the person decides',
  'the question has expired, and the run says so; the next run gets new tokens and completes; agents and keys are the same',
  async () => {
    const before = await identities();
    const { requestId, pendingId } = await askedRun();
    await moveClocks(hour);
    const late = await decide(pendingId, { approved: true }).catch((error: Error) => error.message);
    expect(late).toMatch(/409|408|410|404|expired/);
    const outcome = await outcomeOf(requestId);
    expect(outcome).toMatch(/^failed: .*expired/i);
    expect(await grantedRun()).toBe('completed');
    expect(await identities()).toEqual(before);
    return `“${outcome}”; the next run completed`;
  },
);

fault(
  'every clock set back by an hour',
  'tokens that are from the future now are replaced; the next run completes',
  async () => {
    await moveClocks(hour);
    expect(await grantedRun()).toBe('completed');
    await moveClocks(0);
    expect(await grantedRun()).toBe('completed');
    return 'completed before and after';
  },
);

fault(
  'every clock set back by an hour while the person decides',
  'the question is still open, and the run completes once it is answered',
  async () => {
    await moveClocks(hour);
    const { requestId, pendingId } = await askedRun();
    await moveClocks(0);
    await decide(pendingId, { approved: true });
    const outcome = await outcomeOf(requestId);
    expect(outcome).toBe('completed');
    return outcome;
  },
);

fault(
  'the clock of one service alone an hour ahead, and an hour behind',
  'a run fails with a reason that can be understood, or completes; with the clock right again the next one completes, and nobody was started anew',
  async () => {
    const outcomes: string[] = [];
    for (const name of ['agent-provider', 'person-server', 'resource-proxy'] as const) {
      for (const ahead of [hour, -hour]) {
        await moveClocks(ahead, [name]);
        const outcome = await grantedRun();
        expect(outcome).toMatch(/^(completed|failed: \S.*)$/);
        outcomes.push(`${name} ${ahead > 0 ? 'ahead' : 'behind'}: ${outcome.split(':')[0]}`);
        await moveClocks(0, [name]);
        expect(await grantedRun()).toBe('completed');
      }
    }
    return outcomes.join(', ');
  },
);
