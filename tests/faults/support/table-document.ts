import { readFileSync } from 'node:fs';

const begin = '<!-- Written by pnpm test:faults --write. -->';
const end = '<!-- End of what is written. -->';

/** The text of a document with the table in its place. */
export function tableInDocument(file: string, table: string): string {
  const [before, rest = ''] = readFileSync(file, 'utf8').split(begin);
  const [, after] = rest.split(end);
  if (after === undefined) throw new Error(`${file} has no place for the table: ${begin} … ${end}`);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}
