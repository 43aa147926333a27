import { RequestError } from '@aauth-stack/aauth/errors';
import type { Step } from '../environment.ts';

/** A sub-agent asks for nothing itself: its parent does (AAuth Protocol, "Parent-Mediated Authorization"). 400 `invalid_request`. */
export const checkSubAgent: Step = async function checkSubAgent(c, next) {
  const { parentAgent } = c.get('agentToken');
  if (parentAgent !== undefined) {
    throw new RequestError('invalid_request', `A sub-agent asks for no tokens; its parent ${parentAgent} does.`);
  }
  await next();
};
