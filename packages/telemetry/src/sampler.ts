import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/**
 * Which traces are recorded: `OTEL_TRACES_SAMPLER`, with `OTEL_TRACES_SAMPLER_ARG` for those that take a ratio (OpenTelemetry
 * Environment Variable Specification, "General SDK Configuration"). Undefined where it is not set, or wrong.
 */
export function samplerOf(
  environment: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Sampler | undefined {
  const { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument } = environment;
  const samplers: Readonly<Record<string, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratioOf(argument, print)),
    parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    parentbased_traceidratio: () =>
      new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratioOf(argument, print)) }),
  };
  if (!name) return undefined;
  if (Object.hasOwn(samplers, name)) return samplers[name]?.();
  print(`OTEL_TRACES_SAMPLER is none of ${Object.keys(samplers).join(', ')}: "${name}"; every trace is recorded.`);
  return undefined;
}

function ratioOf(argument: string | undefined, print: (line: string) => void): number {
  const ratio = argument ? Number(argument) : Number.NaN;
  if (ratio >= 0 && ratio <= 1) return ratio;
  print(`OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1: "${argument ?? ''}"; every trace is recorded.`);
  return 1;
}
