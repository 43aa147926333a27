import { callSupplyChain } from '../call-supply-chain.ts';
import { formatCommand, runCommand, runUntil, startRun } from '../commands.ts';
import { formatAnswer, formatExchange } from '../format-http.ts';
import { createBlocks, type GuideRun } from '../guide-run.ts';
import { enrolmentOf } from '../person.ts';
import { checksSince, endOfProxyLog } from '../proxy-log.ts';
import { createRecorder, type Exchange } from '../recorder.ts';
import { enrolAgent } from '../recording-agent.ts';
import { formatSignatureBase } from '../signature-base.ts';
import { type Stack, withStack } from '../stack.ts';
import { firstToken, formatToken, presentedToken } from '../tokens.ts';

const command = './scripts/start-infra.sh mode1';

/** Agent identity: enrolment, a signed call, and how requests without an identity are answered. */
export const mode1: GuideRun = {
  name: 'mode1',
  record: () => withStack([command], record),
};

async function record(stack: Stack) {
  const { add, blocks } = createBlocks(stack.normalise);
  add('start', formatCommand(command, withoutDurations(stack.output)));

  const logStart = endOfProxyLog();
  const run = await startRun(stack);
  add('run', run.markdown);
  const results = `curl -s http://localhost:8000/optimization/results/${run.id}`;
  add('results', await runUntil(stack, results, (output) => output.includes('completed_at')));
  add('checks', await checksSince(logStart, 2));

  add('unsigned', await runCommand(stack, `curl -si -X POST http://supply-chain-agent.localhost:3000/`));
  const metadata = 'curl -s http://supply-chain-agent.localhost:3000/.well-known/aauth-resource.json';
  add('resource-metadata', await runCommand(stack, metadata));

  let approval = '';
  const agent = await enrolAgent('Guide Agent', async (stableJkt) => {
    const id = await enrolmentOf(stableJkt);
    const authorization = `-H 'authorization: Bearer mytoken'`;
    approval = await runCommand(stack, `curl -s ${authorization} http://localhost:8765/person/registrations`);
    const approve = `curl -s -X POST ${authorization} http://localhost:8765/person/registrations/${id}/approve`;
    approval += `\n\n${await runCommand(stack, approve)}`;
  });
  try {
    const { register, poll } = agent.enrolment;
    add('register', formatExchange(register));
    add('jkt-jwt', formatToken(presentedToken(register)));
    add('approve', approval);
    add('enrolled', formatExchange(poll));
    add('agent-token', formatToken(firstToken(poll.response?.body ?? '')));

    const sent = await agent.during(['call'], () => callSupplyChain(agent.fetch));
    const call = sent('call');
    add('call', formatExchange(call, { maxText: 60, maxDepth: 4 }));
    add('signature-base', await formatSignatureBase(call));
    add('repeated', await repeated(call));
  } finally {
    await agent.close();
  }
  return blocks;
}

/** What somebody gets who sends the recorded request again, and who sends it with another body. */
async function repeated(call: Exchange): Promise<string> {
  const recorder = createRecorder();
  const send = (body: string) => recorder.fetch(call.url, { method: call.method, headers: call.headers, body });
  await send(call.body);
  await send(call.body.replace('optimize', 'cancel'));
  await recorder.close();
  return recorder.exchanges.map((exchange) => formatAnswer(exchange)).join('\n\n');
}

/** Starting takes another time each time. */
function withoutDurations(output: string): string {
  return output.replaceAll(/ +\d+\.\d s$/gm, '');
}
