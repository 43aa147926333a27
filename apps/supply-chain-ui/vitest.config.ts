import react from '@vitejs/plugin-react';
import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

export default mergeConfig(
  sharedConfig,
  defineConfig({
    plugins: [react()],
    test: {
      css: { modules: { classNameStrategy: 'non-scoped' } },
      projects: [
        {
          extends: true,
          test: {
            name: 'components',
            include: ['src/**/*.test.{ts,tsx}'],
            environment: 'happy-dom',
            isolate: false,
            setupFiles: ['./test/clean-up.ts'],
          },
        },
        {
          extends: true,
          test: {
            name: 'chromium',
            include: ['test/**/*.test.ts'],
            globalSetup: ['./test/build-pages.ts'],
            // A page after page of a test may take a slow machine this long.
            testTimeout: 180_000,
          },
        },
      ],
    },
  }),
);
