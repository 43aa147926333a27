import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { soakPolling } from './soak/soak-polling.ts';
import { soakProxy } from './soak/soak-proxy.ts';
import { createProbe } from './support/connect-probe.ts';
import { fault } from './support/fault.ts';
import { allowedGrowth, describe, type Trend, trendOf } from './support/flatness.ts';
import { startLoneProxy } from './support/lone-proxy.ts';
import type { Measured } from './support/measure.ts';
import { startPostgres } from './support/postgres-server.ts';
import { startStack } from './support/stack.ts';

/** `pnpm soak` asks for a million. */
const requests = Number(process.env.SOAK_REQUESTS ?? 20_000);
/** Each of them is several statements of PostgreSQL. */
const polls = requests / 50;
const day = 86_400;
const parts = 40;
const timeout = 24 * 3600 * 1000;
const count = requests.toLocaleString('en');

function expectFlat(trend: Trend): string {
  expect(trend.growth).toBeLessThan(allowedGrowth);
  expect(trend.handles[1]).toBeLessThanOrEqual(trend.handles[0]);
  return describe(trend);
}

fault(
  `a day of ${count} requests to a resource on the library`,
  'every answer as it has to be; memory and handles stay as they are',
  async () => {
    const program = fileURLToPath(new URL('soak/verifier-program.ts', import.meta.url));
    const child = spawn(process.execPath, [program, `${requests}`, `${day}`, `${parts}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const measured: Measured[] = [];
    let answered = 0;
    for await (const line of createInterface(child.stdout)) {
      const part: { answered: number; wrong: string[]; measured: Measured } = JSON.parse(line);
      expect(part.wrong).toEqual([]);
      answered += part.answered;
      measured.push(part.measured);
    }
    expect(await ended).toEqual([0, null]);
    expect(answered).toBe(requests);
    return `all as expected; ${expectFlat(trendOf(measured))}`;
  },
  { timeout },
);

fault(
  `a day of ${count} requests through the proxy, with PostgreSQL`,
  'every answer as it has to be; memory and handles stay as they are',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aauth-soak-'));
    // For the ordinary user that PostgreSQL runs as.
    chmodSync(directory, 0o755);
    const postgres = await startPostgres(join(directory, 'postgres'), ['resource_proxy']);
    const proxy = await startLoneProxy({ DATABASE_URL: postgres.url('resource_proxy') });
    try {
      const { answered, wrong, measured } = await soakProxy(proxy, { requests, seconds: day, parts });
      expect(wrong).toEqual([]);
      expect(answered).toBe(requests);
      return `all as expected; ${expectFlat(trendOf(measured))}`;
    } finally {
      await proxy.stop();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  },
  { timeout },
);

fault(
  `a day of ${polls.toLocaleString('en')} polls for a decision that nobody makes`,
  'each is told to wait or that the request has expired; memory and handles of the Person Server stay as they are',
  async () => {
    const probes = { 'agent-provider': createProbe(), 'person-server': createProbe(), 'resource-proxy': createProbe() };
    const environment = Object.fromEntries(Object.entries(probes).map(([name, probe]) => [name, probe.environment]));
    const stack = await startStack('user-consent', { environment });
    try {
      const parties = { probes: Object.values(probes), measured: probes['person-server'] };
      const { answered, wrong, measured, requests } = await soakPolling(parties, { polls, seconds: day, parts });
      expect(wrong).toEqual([]);
      expect(answered).toBe(polls);
      expect(requests).toBeGreaterThan(20);
      return `${requests} requests expired one after another; ${expectFlat(trendOf(measured))}`;
    } finally {
      await stack.stop();
      for (const probe of Object.values(probes)) probe.close();
    }
  },
  { timeout },
);
