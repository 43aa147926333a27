import { mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

export default mergeConfig(sharedConfig, {
  test: { globalSetup: ['./src/testing/postgres-global-setup.ts'] },
});
