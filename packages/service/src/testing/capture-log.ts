import { createLogger, type Logger } from '../logger.ts';

export interface CapturedLog {
  log: Logger;
  /** What was logged so far, oldest first, as it would leave the process. */
  lines(): Record<string, unknown>[];
}

/** A logger of every level that keeps its lines for a test to look at. */
export function captureLog(): CapturedLog {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  return {
    log: createLogger({ name: 'test', level: 'trace', destination }),
    lines: () => written.map((line): Record<string, unknown> => JSON.parse(line)),
  };
}
