import { configureGlobal } from 'fast-check';

const runs = Number(process.env.FUZZ_RUNS);
if (!Number.isInteger(runs) || runs < 1) throw new TypeError('FUZZ_RUNS is how often each property is tried.');

configureGlobal({ numRuns: runs });
