import { describeTargets } from '@aauth-stack/fuzz';
import { targets } from './testing/parsers.fuzz.ts';

describeTargets(targets, new URL('./testing/parsers.fuzz.ts', import.meta.url));
