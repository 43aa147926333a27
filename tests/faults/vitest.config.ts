import { mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

/** Real processes on the ports that the stack always has, so the files run one after another. */
export default mergeConfig(sharedConfig, {
  test: {
    include: ['faults/**/*.test.ts'],
    reporters: ['./faults/support/table-reporter.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 900_000,
  },
});
