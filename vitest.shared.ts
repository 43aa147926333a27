import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** How often each property is tried (`scripts/run-fuzz.sh`); without it as often as fast-check does by itself, a hundred times. */
const isFuzzing = process.env.FUZZ_RUNS !== undefined;

/** What every package's tests share. The JSON report is what `scripts/run-tests.sh` adds up. */
export const sharedConfig = defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
    // Far above what any test needs: a busy machine is not a failure.
    testTimeout: isFuzzing ? 0 : 60_000,
    setupFiles: isFuzzing ? [fileURLToPath(new URL('vitest.fuzz.ts', import.meta.url))] : [],
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    restoreMocks: true,
    unstubEnvs: true,
  },
});
