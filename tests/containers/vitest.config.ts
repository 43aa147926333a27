import { mergeConfig } from 'vitest/config';
import { sharedConfig } from '../../vitest.shared.ts';

/** docker-compose.yml in a real Docker engine. The files have the ports one after another. */
export default mergeConfig(sharedConfig, {
  test: {
    globalSetup: './containers/build.ts',
    include: ['containers/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 600_000,
  },
});
