import { describeSignatureRefusals } from '../testing/describe-refusals.ts';
import { extAuthzPort } from '../testing/ports.ts';

describeSignatureRefusals(extAuthzPort);
