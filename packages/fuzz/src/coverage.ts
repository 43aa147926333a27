import { type Profiler, Session } from 'node:inspector';

/** Which code has run. */
export interface Coverage {
  /** Whether code has run, since it was last asked, that is not noted. Notes nothing. */
  peek(): boolean;
  /** Notes what has run since it was last asked. @returns whether some of it never ran before */
  take(): boolean;
  /** Forgets what has run. */
  reset(): void;
  /** Characters of code that have run so far. */
  readonly size: number;
  close(): void;
}

/** Asks V8, which counts blocks of code by itself: no code is changed, and what parses inside of dependencies counts too. */
export function measureCoverage(counts: (url: string) => boolean): Coverage {
  const session = new Session();
  session.connect();
  let seen = new Map<string, Uint8Array>();
  let size = 0;

  function collect(): Profiler.ScriptCoverage[] {
    let scripts: Profiler.ScriptCoverage[] = [];
    session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error) throw error;
      scripts = answer.result;
    });
    return scripts;
  }

  /** @returns how many characters of a function ran that never ran before */
  function paint(name: string, { ranges }: Profiler.FunctionCoverage, notes: boolean): number {
    const [whole] = ranges;
    if (!whole || whole.count === 0) return 0;
    const start = whole.startOffset;
    const ran = new Uint8Array(whole.endOffset - start);
    // V8 lists a function's blocks from the outside in, the inner ones with counts of their own.
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start);
    const before = seen.get(name) ?? new Uint8Array(ran.length);
    let fresh = 0;
    for (let index = 0; index < ran.length; index += 1) {
      if (ran[index] === 1 && before[index] === 0) {
        if (notes) before[index] = 1;
        fresh += 1;
      }
    }
    if (notes) seen.set(name, before);
    return fresh;
  }

  function collectNew(notes: boolean): boolean {
    let fresh = 0;
    for (const { url, functions } of collect()) {
      if (!counts(url)) continue;
      for (const one of functions) fresh += paint(`${url}:${one.ranges[0]?.startOffset}`, one, notes);
    }
    if (notes) size += fresh;
    return fresh > 0;
  }

  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  collect();
  return {
    peek: () => collectNew(false),
    take: () => collectNew(true),
    reset() {
      collect();
      seen = new Map();
      size = 0;
    },
    get size() {
      return size;
    },
    close: () => session.disconnect(),
  };
}
