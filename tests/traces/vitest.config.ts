import { mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

/** The stack in each mode after the other, with the real Jaeger in place of the receiver of the other tests. */
export default mergeConfig(sharedConfig, {
  test: {
    globalSetup: './traces/start-jaeger.ts',
    include: ['traces/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
