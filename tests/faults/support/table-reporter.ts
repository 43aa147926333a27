import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
// For what it adds to the meta data of a test.
import type { FaultRow } from './fault.ts';
import { tableInDocument } from './table-document.ts';

interface Row extends FaultRow {
  happened: string;
}

/** Prints each fault once it has been tried, and all of them as a table at the end; with `FAULTS_DOCUMENT`, also into that file. */
export default class TableReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const row = rowOf(test);
    if (row) process.stdout.write(`${row.fault}\n  → ${row.happened}\n`);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules
      .toSorted((a, b) => a.moduleId.localeCompare(b.moduleId))
      .flatMap((module) => [...module.children.allTests()].flatMap((test) => rowOf(test) ?? []));
    if (rows.length === 0) return;
    const table = markdown(rows);
    process.stdout.write(`\n${table}\n`);
    const file = process.env.FAULTS_DOCUMENT;
    if (file) writeFileSync(file, tableInDocument(file, table));
  }
}

function rowOf(test: TestCase): Row | undefined {
  const { fault } = test.meta();
  return fault && { ...fault, happened: outcomeOf(test, fault) };
}

function outcomeOf(test: TestCase, { happened }: FaultRow): string {
  const result = test.result();
  if (result.state === 'skipped') return `SKIPPED: ${result.note ?? 'not asked for'}`;
  if (result.state === 'passed' && happened !== undefined) return happened;
  const [error] = result.errors ?? [];
  return `FAILED: ${stripVTControlCharacters(error?.message ?? 'it did not end').split('\n')[0]}`;
}

function markdown(rows: readonly Row[]): string {
  const lines = rows.map(({ fault, mustHappen, happened }) => [fault, mustHappen, happened].map(cell));
  const table = [['fault', 'what must happen', 'what happened'], ...lines];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const print = (line: readonly string[]) => `| ${line.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = table;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [print(head), rule, ...body.map(print)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();
}
