import type { WorkOptions } from '@aauth-stack/aauth/agent';

const longest = 1000;

/**
 * What an agent can tell a person about why it calls another one: the request that it serves, and nothing else, for it knows nothing
 * else. The person server shows both as the agent's word.
 *
 * @param request the words that the agent was asked in
 * @param purpose what the call is for, as in "I need access …"
 */
export function explainCall(
  request: string,
  purpose: string,
): Required<Pick<WorkOptions, 'justification' | 'onClarification'>> {
  const cut = request.length > longest ? `${request.slice(0, longest)}…` : request;
  // Half of a character, where it was cut, is none; person servers refuse a text that has one.
  const served = cut.toWellFormed();
  return {
    justification: `I need access ${purpose}. This is the request that I serve: “${served}”`,
    onClarification: ({ resource }) => ({
      action: 'answer',
      answer: `I call ${resource} ${purpose}. This is the request that I serve: “${served}” I know no more about it than that.`,
    }),
  };
}
