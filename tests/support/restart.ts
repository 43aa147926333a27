import { inject } from 'vitest';
import { runScript } from './commands.ts';

/** Starts what does not run of the stack, as a user would, with other settings where some are given. */
export async function startAgain(environment: Record<string, string> = {}): Promise<void> {
  const mode = process.env.AAUTH_TEST_MODE ?? 'mode1';
  const { code, output } = await runScript('start-infra.sh', [mode], { ...inject('stackEnvironment'), ...environment });
  if (code !== 0) throw new Error(`start-infra.sh ${mode} ended with ${code}:\n${output}`);
}
