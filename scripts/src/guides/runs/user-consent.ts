import { z } from 'zod';
import { callSupplyChain } from '../call-supply-chain.ts';
import { hasEnded, runCommand, runUntil, startRun } from '../commands.ts';
import { formatExchange } from '../format-http.ts';
import { createBlocks, type GuideRun } from '../guide-run.ts';
import { approve, consentAskedOf, decide } from '../person.ts';
import { enrolAgent } from '../recording-agent.ts';
import { type Stack, withStack } from '../stack.ts';
import { formatToken, presentedToken } from '../tokens.ts';

const progressOf = (id: string) => `curl -s http://localhost:8000/optimization/progress/${id}`;
const portal = "curl -s -H 'authorization: Bearer mytoken' -H 'content-type: application/json' http://localhost:8765";

/** With the person's consent: a run that waits, one that is approved, one that is denied, and what the wire shows of it. */
export const userConsent: GuideRun = {
  name: 'user-consent',
  record: () => withStack(['./scripts/start-infra.sh user-consent'], record),
};

async function record(stack: Stack) {
  const { add, blocks } = createBlocks(stack.normalise);
  const first = await startRun(stack);
  const waiting = await runUntil(stack, progressOf(first.id), (output) => output.includes('"interaction_required"'), {
    maxText: 200,
  });
  add('waiting', `${first.markdown}\n\n${waiting}`);
  const { code, pendingId } = await openedRequest(stack, first.id);
  add('request', await runCommand(stack, `${portal}/consent?code=${code}`, { maxText: 100, maxDepth: 3 }));
  add('approve', await runCommand(stack, `${portal}/consent/${pendingId}/decision -d '{"approved":true}'`, brief));
  add('completed', await runUntil(stack, progressOf(first.id), hasEnded, { maxText: 60 }));

  const second = await startRun(stack);
  const denied = await openedRequest(stack, second.id);
  await stack.shell.run(`${portal}/consent/${denied.pendingId}/decision -d '{"approved":false}'`);
  add('denied', await runUntil(stack, progressOf(second.id), hasEnded, { maxText: 200 }));

  const agent = await enrolAgent('Guide Agent', approve);
  try {
    const steps = ['person token', 'challenge', 'exchange', 'poll', 'call'] as const;
    const sent = await agent.during(steps, async () => {
      const answered = callSupplyChain(agent.fetch);
      await decide(await consentAskedOf('Guide Agent'), { approved: true, remember: true });
      return answered;
    });
    add('deferred', formatExchange(sent('exchange')));
    add('poll', formatExchange(sent('poll')));
    add('auth-token', formatToken(presentedToken(sent('call'))));
  } finally {
    await agent.close();
  }
  add('consents', await runCommand(stack, `${portal}/person/consents`, { maxText: 100 }));
  return blocks;
}

/** Enough of a request to see how it ended. */
const brief = { maxText: 40, maxDepth: 1 };

const interaction = z.object({ interaction_code: z.string() });
const openedForm = z.object({ pending_id: z.string() });

/** The request that a run waits for, opened as the link opens it. */
async function openedRequest(stack: Stack, runId: string): Promise<{ code: string; pendingId: string }> {
  let printed = '';
  await runUntil(stack, progressOf(runId), (output) => {
    printed = output;
    return output.includes('"interaction_required"');
  });
  const { interaction_code: code } = interaction.parse(JSON.parse(printed));
  const opened = openedForm.parse(JSON.parse(await stack.shell.run(`${portal}/consent?code=${code}`)));
  return { code, pendingId: opened.pending_id };
}
