/** A program that ends by itself, without telling the telemetry. */
import { withSpan } from '../src/index.ts';

await withSpan('short', {}, () => {});
process.exitCode = 3;
