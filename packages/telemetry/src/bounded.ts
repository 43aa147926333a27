/** Whether `work` succeeds within a time; it is left alone, not stopped, when it takes longer. */
export async function bounded(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, timeoutMs, false);
  const success = work.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([success, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
