import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { runScript } from '../support/commands.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { newDataDirectory } from '../support/data-directory.ts';
import { until } from '../support/until.ts';
import { type Edge, edges, type Mode, services } from './edges.ts';
import { type JaegerSpan, tracesOf } from './jaeger.ts';
import { missing, rootsOf } from './proof.ts';

const api = inject('jaegerApi');
const root = 'supply-chain-backend';
const modes: Mode[] = ['mode1', 'mode3', 'user-consent'];

/** One run from its start to its end, the person's approval included where the mode asks for it. */
async function run(mode: Mode): Promise<string> {
  const requestId = await startRun({ prompt: 'perform market analysis' });
  if (mode === 'user-consent') {
    const { interaction_code } = await interactionOf(requestId);
    const { pending_id } = await consentRequest(interaction_code);
    await decide(pending_id, { approved: true });
  }
  const { status, error } = await endOf(requestId);
  expect([status, error]).toEqual(['completed', null]);
  return requestId;
}

describe.each(modes)('the table of %s', (mode) => {
  it('leads from the backend to every service that it names', () => {
    const table: readonly Edge[] = edges[mode];
    const reached = new Set<string>([root]);
    for (const _ of table) for (const { from, to } of table) if (reached.has(from)) reached.add(to);
    expect([...reached].sort()).toEqual([...new Set(table.flatMap(({ from, to }) => [from, to]))].sort());
  });
});

describe.skipIf(api === null).each(modes)('one run in %s, as Jaeger shows it', (mode) => {
  const table: readonly Edge[] = edges[mode];
  const environment = {
    AAUTH_DATA_DIR: newDataDirectory('traces'),
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };
  let trace: readonly JaegerSpan[] = [];

  beforeAll(async () => {
    const { code, output } = await runScript('start-infra.sh', [mode], environment);
    if (code !== 0) throw new Error(`start-infra.sh ${mode} ended with ${code}:\n${output}`);
    const requestId = await run(mode);
    const complete = async () => {
      const [found, ...others] = await tracesOf(api ?? '', root, requestId);
      trace = found ?? [];
      const whole = others.length === 0 && rootsOf(trace).length === 1;
      return whole && table.every((edge) => missing(edge, trace) === undefined);
    };
    // What is missing after that is told edge by edge.
    await until('the trace', complete, 60_000).catch(() => undefined);
  });

  afterAll(async () => {
    await runScript('stop-infra.sh', [], environment);
    rmSync(environment.AAUTH_DATA_DIR, { recursive: true, force: true });
  });

  it.each(table.map((edge) => ({ ...edge })))('$from → $to: $operation ($why)', (edge) => {
    expect(missing(edge, trace)).toBeUndefined();
  });

  it('is one trace that begins with the request for the run', () => {
    expect(rootsOf(trace).map(({ service, operation }) => [service, operation])).toEqual([
      [root, 'POST /optimization/start'],
    ]);
  });

  it('has spans of no service that the table does not list', () => {
    const known = Object.keys(services);
    expect(trace.map(({ service }) => service).filter((service) => !known.includes(service))).toEqual([]);
  });

  it('has no complete token, no signature and no private key', () => {
    const everything = JSON.stringify(trace);
    expect(everything).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/);
    expect(everything).not.toMatch(/sig=:[A-Za-z0-9+/=]{40,}:/);
    expect(everything).not.toMatch(/PRIVATE KEY/);
  });
});
