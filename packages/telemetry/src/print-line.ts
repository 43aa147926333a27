import { writeSync } from 'node:fs';

const standardError = 2;

/** Prints one line where the operator of the process sees it. Telemetry starts before any logger exists. */
export function printLine(line: string): void {
  try {
    writeSync(standardError, `telemetry: ${line}\n`);
  } catch {
    // A disk that is full, or nobody who reads: no reason to end.
  }
}
