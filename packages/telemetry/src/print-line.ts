import { writeSync } from 'node:fs';

const standardError = 2;

/** Prints one line where the operator of the process sees it. Telemetry starts before any logger exists. */
export function printLine(line: string): void {
  writeSync(standardError, `telemetry: ${line}\n`);
}
