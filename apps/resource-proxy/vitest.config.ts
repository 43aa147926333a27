import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

export default mergeConfig(
  sharedConfig,
  defineConfig({
    test: {
      globalSetup: ['@aauth-stack/service/testing/postgres-global-setup'],
      isolate: false,
      // Every file starts servers, and one of them a process.
      testTimeout: 20_000,
      hookTimeout: 20_000,
    },
  }),
);
