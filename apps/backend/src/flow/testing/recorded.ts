import { readFileSync } from 'node:fs';
import { parseExportRequest } from '../otlp.ts';
import { runOf } from '../run-of.ts';
import type { Span } from '../span.ts';

export type Recorded = 'mode1' | 'user-consent';

/** What the services delivered during one run of a real stack, as it was on the wire: recorded by scripts/record-flows.sh. */
export function recordedRequest(name: Recorded): object {
  const lines = readFileSync(new URL(`${name}.spans.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return { resourceSpans: lines.map((line): unknown => JSON.parse(line)) };
}

export function recordedSpans(name: Recorded): Span[] {
  const spans = parseExportRequest(recordedRequest(name));
  if (!spans) throw new Error(`${name}.spans.jsonl is no export request.`);
  return spans;
}

/** The id of the run that was recorded. */
export function recordedRun(name: Recorded): string {
  const id = recordedSpans(name)
    .map(runOf)
    .find((run) => run !== null);
  if (!id) throw new Error(`${name}.spans.jsonl is of no run.`);
  return id;
}
