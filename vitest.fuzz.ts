import { configureGlobal } from 'fast-check';
import { vi } from 'vitest';

const runs = Number(process.env.FUZZ_RUNS);
if (!Number.isInteger(runs) || runs < 1) throw new TypeError('FUZZ_RUNS is how often each property is tried.');

configureGlobal({ numRuns: runs });
// Whatever a package's own limit is: a million cases take their time.
vi.setConfig({ testTimeout: 0 });
