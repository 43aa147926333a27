import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

export default mergeConfig(
  sharedConfig,
  defineConfig({
    test: {
      globalSetup: ['@aauth-stack/service/testing/postgres-global-setup'],
      // No test changes what the modules share, and loading them anew for each file takes as long as the tests.
      isolate: false,
    },
  }),
);
