import { callSupplyChain } from '../call-supply-chain.ts';
import { hasEnded, runUntil, startRun } from '../commands.ts';
import { formatAnswer, formatExchange, formatRequest } from '../format-http.ts';
import { createBlocks, type GuideRun } from '../guide-run.ts';
import { approve, formatIssuedTokens } from '../person.ts';
import { checksSince, endOfProxyLog } from '../proxy-log.ts';
import { enrolAgent } from '../recording-agent.ts';
import { formatSignatureBase } from '../signature-base.ts';
import { type Stack, withStack } from '../stack.ts';
import { firstToken, formatToken, presentedToken } from '../tokens.ts';

/** Authorization without the person: challenge, exchange, retry, and what the person can see of it afterwards. */
export const mode3: GuideRun = {
  name: 'mode3',
  record: () => withStack(['./scripts/start-infra.sh mode3'], record),
};

async function record(stack: Stack) {
  const { add, blocks } = createBlocks(stack.normalise);
  const logStart = endOfProxyLog();
  const run = await startRun(stack);
  const progress = `curl -s http://localhost:8000/optimization/progress/${run.id}`;
  const completed = await runUntil(stack, progress, hasEnded, { maxText: 60 });
  add('run', `${run.markdown}\n\n${completed}`);
  add('checks', await checksSince(logStart, 4));
  add('issued-tokens', await formatIssuedTokens(stack.normalise));

  const agent = await enrolAgent('Guide Agent', approve);
  try {
    const direct = await agent.during(['call'], () => callSupplyChain(agent.signedFetch));
    add('agent-token-only', formatAnswer(direct('call')));

    const steps = ['person token', 'challenge', 'auth token', 'call'] as const;
    const sent = await agent.during(steps, () => callSupplyChain(agent.fetch));
    const challenge = sent('challenge');
    const call = sent('call');
    add('person-token-request', formatExchange(sent('person token')));
    add('person-token', formatToken(presentedToken(challenge)));
    add('challenge', formatExchange(challenge));
    add('resource-token', formatToken(firstToken(challenge.response?.headers.get('aauth-requirement') ?? '')));
    add('auth-token-request', formatExchange(sent('auth token')));
    add('auth-token', formatToken(presentedToken(call)));
    add('call', formatExchange(call, { maxText: 60, maxDepth: 4 }));
    add('signature-base', await formatSignatureBase(call));

    const again = await agent.during(['call'], () => callSupplyChain(agent.fetch));
    add('second-call', formatRequest(again('call')));
  } finally {
    await agent.close();
  }
  return blocks;
}
