import { mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

// Tests start processes, which takes its time on a busy machine.
export default mergeConfig(sharedConfig, { test: { testTimeout: 30_000 } });
