import { defineConfig } from 'vitest/config';

/** What every package's tests share. The JSON report is what `scripts/run-tests.sh` adds up. */
export const sharedConfig = defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
    // Far above what any test needs: a busy machine is not a failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    restoreMocks: true,
    unstubEnvs: true,
  },
});
