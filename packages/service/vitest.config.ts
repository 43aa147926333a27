import { mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

// Tests start processes and database servers, which takes its time on a busy machine.
export default mergeConfig(sharedConfig, {
  test: { globalSetup: ['./src/testing/postgres-global-setup.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
