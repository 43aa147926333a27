/** Longest time that telemetry may hold up the end of a process, in milliseconds. */
export const shutdownMs = 1_500;

type Shutdown = () => Promise<boolean>;

let registered: Shutdown | undefined;

/** Called by `register` with what flushes and stops the SDK and says whether all was sent. */
export function onShutdownTelemetry(shutdown: Shutdown): void {
  registered = shutdown;
}

/**
 * Sends the spans that are still waiting and stops the SDK, within {@link shutdownMs}. Does nothing in a process that
 * was started without `--import @aauth-stack/telemetry/register`, and nothing the second time.
 *
 * @returns whether all was sent
 */
export async function shutdownTelemetry(): Promise<boolean> {
  const shutdown = registered;
  registered = undefined;
  return (await shutdown?.()) ?? true;
}
