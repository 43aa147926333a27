import type { Step } from '../environment.ts';
import { invalidResourceToken } from './resource-token-error.ts';

/** `agent_jkt` of the resource token is the key that signs this request. 400 `invalid_resource_token`. */
export const checkAgentKey: Step = async function checkAgentKey(c, next) {
  const { agentJkt } = c.get('resourceToken');
  const { thumbprint } = c.get('agentToken').key;
  if (agentJkt !== thumbprint) {
    const mismatch = { claim: 'agent_jkt', expected: thumbprint, received: agentJkt };
    throw invalidResourceToken('The resource token was given to another key than the one that signs this.', mismatch);
  }
  await next();
};
