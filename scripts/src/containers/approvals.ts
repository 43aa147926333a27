import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  /** Of the stable keys of the demo's own agents. */
  thumbprints: z.array(z.string()),
  /** Where those agents answer at `/readyz`. */
  agents: z.array(z.string()),
});

/** What the container that approves the demo's agents knows of them. */
export type Approvals = z.infer<typeof schema>;

const fileIn = (directory: string) => join(directory, 'approvals.json');

export function writeApprovals(directory: string, approvals: Approvals): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(fileIn(directory), JSON.stringify(approvals), { mode: 0o600 });
}

export function readApprovals(directory: string): Approvals {
  return schema.parse(JSON.parse(readFileSync(fileIn(directory), 'utf8')));
}
