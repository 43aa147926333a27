import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

export default mergeConfig(
  sharedConfig,
  defineConfig({
    test: {
      globalSetup: ['@aauth-stack/service/testing/postgres-global-setup'],
      // No test changes what the modules share, and loading them anew for each file takes as long as the tests.
      isolate: false,
      // A test waits for PostgreSQL or Chromium half of its time: on two cores, one file after the other took 140 s, and this 79 s.
      maxWorkers: 3,
    },
  }),
);
