import { mergeConfig } from 'vitest/config';
import { sharedConfig } from '../vitest.shared.ts';

/** One stack for all files of a mode, started as a user starts it; so the files run one after another. */
export default mergeConfig(sharedConfig, {
  test: {
    globalSetup: './support/stack.ts',
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
