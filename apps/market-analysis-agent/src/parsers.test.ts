import { describeTargets } from '@aauth-stack/fuzz';
import { targets } from '../test/parsers.fuzz.ts';

describeTargets(targets, new URL('../test/parsers.fuzz.ts', import.meta.url));
