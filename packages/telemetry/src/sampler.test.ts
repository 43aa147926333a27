import { expect, test } from 'vitest';
import { samplerOf } from './sampler.ts';

test.each([
  [{}, undefined],
  [{ OTEL_TRACES_SAMPLER: 'always_on' }, 'AlwaysOnSampler'],
  [{ OTEL_TRACES_SAMPLER: 'always_off' }, 'AlwaysOffSampler'],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 'TraceIdRatioBased{0.25}'],
  [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, /^ParentBased\{root=AlwaysOffSampler,/],
  [
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    /^ParentBased\{root=TraceIdRatioBased\{0\},/,
  ],
])('%j is what it says', (environment, expected) => {
  const said: string[] = [];
  const sampler = samplerOf(environment, (line) => said.push(line));
  if (expected === undefined) expect(sampler).toBeUndefined();
  else expect(sampler?.toString()).toMatch(expected);
  expect(said).toEqual([]);
});

test.each([
  [{ OTEL_TRACES_SAMPLER: 'toString' }, undefined, /^OTEL_TRACES_SAMPLER is none of always_on, .*: "toString"/],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, 'TraceIdRatioBased{1}', /_ARG is no number from 0 to 1: ""/],
  [
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' },
    'TraceIdRatioBased{1}',
    /_ARG is no number from 0 to 1: "7"/,
  ],
])('%j records every trace, and says why', (environment, expected, line) => {
  const said: string[] = [];
  expect(samplerOf(environment, (one) => said.push(one))?.toString()).toBe(expected);
  expect(said).toEqual([expect.stringMatching(line)]);
});
