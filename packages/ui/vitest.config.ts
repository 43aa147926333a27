import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

export default mergeConfig(
  sharedConfig,
  defineConfig({
    test: {
      environment: 'happy-dom',
      isolate: false,
      setupFiles: ['./test/clean-up.ts'],
      css: { modules: { classNameStrategy: 'non-scoped' } },
    },
  }),
);
