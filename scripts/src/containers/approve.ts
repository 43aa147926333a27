/**
 * Run once beside the containers of the stack: approves the demo's agents in the person's place, by the thumbprints of
 * their keys, unless AAUTH_MANUAL_APPROVAL=1 leaves that to the person.
 */
import { approveAgents } from '../approve-agents.ts';
import { dataDirectory } from '../root.ts';
import { addresses, portalToken } from '../services.ts';
import { say, sayError } from '../terminal.ts';
import { readApprovals } from './approvals.ts';

async function main(): Promise<void> {
  const portal = `${addresses.personServer}/ui (portal token: ${portalToken()})`;
  if (process.env.AAUTH_MANUAL_APPROVAL === '1') {
    say(`Agents wait for your approval at ${portal}.`);
    return;
  }
  const { thumbprints, agents } = readApprovals(dataDirectory);
  const approved = await approveAgents(
    new Set(thumbprints),
    agents.map((health) => ({ health })),
    addresses.personServer,
  );
  if (approved.length > 0) {
    say(`Approved in your place, by the thumbprints of the demo's own keys: ${approved.join(', ')}.`);
    say('(AAUTH_MANUAL_APPROVAL=1 leaves that to you.)');
  }
  say(`All agents are enrolled. Portal: ${portal}`);
}

try {
  await main();
} catch (error) {
  sayError(error);
  process.exitCode = 1;
}
