import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Flow, flowSchema } from '../../src/flow/model/flow.ts';

/** What real runs put on the wire, one in mode1 and one in user-consent: recorded by scripts/record-flows.sh. */
export function recordedFlow(kind: 'identity' | 'user-consent'): Flow {
  const lines = readFileSync(join(import.meta.dirname, 'recorded-flows.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const flow = lines.map((line) => flowSchema.parse(JSON.parse(line))).find((one) => one.kind === kind);
  if (!flow) throw new Error(`No ${kind} run has been recorded.`);
  return flow;
}
