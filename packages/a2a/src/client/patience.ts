/** A time limit that does not run while it is paused: for work that waits for a person now and then. */
export interface Patience {
  /** Aborted with a `TimeoutError` when the time has run out. */
  readonly signal: AbortSignal;
  pause(): void;
  resume(): void;
}

/** @param ms what there is, in milliseconds; it runs from now */
export function createPatience(ms: number): Patience {
  const controller = new AbortController();
  let left = ms;
  let since = performance.now();
  let timer: NodeJS.Timeout | undefined = start();

  function start(): NodeJS.Timeout {
    since = performance.now();
    const runOut = () => controller.abort(new DOMException(`Nothing came of it in ${ms / 1000} s.`, 'TimeoutError'));
    return setTimeout(runOut, left).unref();
  }

  return {
    signal: controller.signal,
    pause() {
      if (!timer) return;
      clearTimeout(timer);
      timer = undefined;
      left = Math.max(0, left - (performance.now() - since));
    },
    resume() {
      timer ??= start();
    },
  };
}
