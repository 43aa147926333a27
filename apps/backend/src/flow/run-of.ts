import { attribute } from '@aauth-stack/telemetry';
import { textOf } from './attributes.ts';
import type { Span } from './span.ts';

const watchedRun = /^\/optimization\/(?:progress|results|runs)\/(?<id>[0-9a-f-]{36})(?:\/|$)/;

/** The run that a span belongs to: the one that caused it, or that is being looked at. */
export function runOf({ attributes, kind, service }: Span): string | null {
  const caused = textOf(attributes, attribute.requestId);
  if (caused !== null) return caused;
  if (kind !== 'server' || service !== 'supply-chain-backend') return null;
  return watchedRun.exec(textOf(attributes, 'url.path') ?? '')?.groups?.id ?? null;
}
