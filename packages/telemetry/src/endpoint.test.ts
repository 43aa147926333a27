import { expect, test, vi } from 'vitest';
import { otlpEndpoint } from './endpoint.ts';

test.each([
  [
    'the standard variable',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4317', JAEGER_HOST: 'old' },
    'http://otel:4317',
  ],
  ['nothing', {}, 'http://localhost:4317'],
])('the endpoint comes from %s', (_what, environment, expected) => {
  const warn = vi.fn();
  expect(otlpEndpoint(environment, warn)).toBe(expected);
  expect(warn).not.toHaveBeenCalled();
});

test('the former names are accepted with one warning', () => {
  const warn = vi.fn();
  expect(otlpEndpoint({ JAEGER_HOST: 'jaeger', JAEGER_PORT: '14317' }, warn)).toBe('http://jaeger:14317');
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    'JAEGER_HOST and JAEGER_PORT are former names; please set OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger:14317.',
  );
});
