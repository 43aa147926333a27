import { defineConfig } from 'vitest/config';

/** What every package's tests share. The JSON report is what `scripts/run-tests.sh` adds up. */
export const sharedConfig = defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
    restoreMocks: true,
    unstubEnvs: true,
  },
});
