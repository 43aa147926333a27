import { callSupplyChain } from '../guides/call-supply-chain.ts';
import { approve, consentAskedOf, decide, enrolmentOf } from '../guides/person.ts';
import { enrolAgent, type RecordingAgent } from '../guides/recording-agent.ts';
import type { PortalScenes } from './portal.ts';

const agentName = 'Contract Review Agent';

/** An agent of our own that waits for the person: first for its approval, then for access. */
export function createScenes(): PortalScenes & { close(): Promise<void> } {
  let agent: RecordingAgent | undefined;
  return {
    async whileEnrolling(action) {
      agent = await enrolAgent(agentName, async (stableJkt) => {
        await enrolmentOf(stableJkt);
        await action();
        await approve(stableJkt);
      });
    },
    async whileAsked(action) {
      if (!agent) throw new Error('The agent that asks has not been enrolled.');
      const answered = callSupplyChain(agent.fetch);
      const pendingId = await consentAskedOf(agentName);
      await action();
      await decide(pendingId, { approved: true, remember: true });
      await answered;
    },
    close: async () => agent?.close(),
  };
}
