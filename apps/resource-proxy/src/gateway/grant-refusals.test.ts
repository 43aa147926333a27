import { describeGrantRefusals } from '../testing/describe-grant-refusals.ts';
import { gatewayPort } from '../testing/ports.ts';

describeGrantRefusals(gatewayPort);
