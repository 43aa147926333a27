import { describeGrantRefusals } from '../testing/describe-grant-refusals.ts';
import { extAuthzPort } from '../testing/ports.ts';

describeGrantRefusals(extAuthzPort);
