import { describeSignatureRefusals } from '../testing/describe-refusals.ts';
import { gatewayPort } from '../testing/ports.ts';

describeSignatureRefusals(gatewayPort);
