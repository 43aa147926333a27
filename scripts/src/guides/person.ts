import { z } from 'zod';
import { addresses, portalToken } from '../services.ts';
import { waitFor } from '../wait-for.ts';
import { formatTable } from './markdown-table.ts';

/** Calls the Person Server as a script of the person, by a name that every resolver knows. */
async function asPerson(path: string, init: RequestInit = {}): Promise<unknown> {
  const url = `http://localhost:${new URL(addresses.personServer).port}${path}`;
  const headers = { authorization: `Bearer ${portalToken()}`, 'content-type': 'application/json' };
  const response = await fetch(url, { ...init, headers });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

const registrations = z.array(z.object({ id: z.string(), stable_jkt: z.string() }));

/** The person's list of pending enrolments, until one with this stable key is on it: its id. */
export function enrolmentOf(stableJkt: string): Promise<string> {
  return waitFor(
    async () => {
      const waiting = registrations.parse(await asPerson('/person/registrations'));
      return waiting.find(({ stable_jkt }) => stable_jkt === stableJkt)?.id;
    },
    { timeoutMs: 30_000, onTimeout: () => new Error(`No enrolment of ${stableJkt} has arrived.`) },
  );
}

/** Approves the enrolment of the agent with this stable key. */
export async function approve(stableJkt: string): Promise<void> {
  await asPerson(`/person/registrations/${await enrolmentOf(stableJkt)}/approve`, { method: 'POST' });
}

const waitingRequests = z.array(z.object({ pending_id: z.string(), agent: z.object({ agent_name: z.string() }) }));

/** The person's list of requests, until one of this agent is on it: its id. */
export function consentAskedOf(agentName: string): Promise<string> {
  return waitFor(
    async () => {
      const waiting = waitingRequests.parse(await asPerson('/person/requests'));
      return waiting.find(({ agent }) => agent.agent_name === agentName)?.pending_id;
    },
    { timeoutMs: 30_000, onTimeout: () => new Error(`${agentName} asks for nothing.`) },
  );
}

export async function decide(pendingId: string, decision: { approved: boolean; remember?: boolean }): Promise<void> {
  await asPerson(`/consent/${pendingId}/decision`, { method: 'POST', body: JSON.stringify(decision) });
}

const issuedTokens = z.object({
  tokens: z.array(
    z.object({
      type: z.string(),
      agent_id: z.string(),
      audience: z.string(),
      subject: z.string(),
      scope: z.array(z.string()),
    }),
  ),
});

/** The tokens that the person's server has issued, by resource, person token before auth token, as Markdown. */
export async function formatIssuedTokens(normalise: (text: string) => string): Promise<string> {
  const { tokens } = issuedTokens.parse(await asPerson('/person/issued-tokens?limit=200'));
  const sorted = tokens.toSorted((a, b) => `${b.audience} ${b.type}`.localeCompare(`${a.audience} ${a.type}`));
  const rows = sorted.map(({ type, agent_id, audience, subject, scope }) => [
    type,
    agent_id,
    audience,
    subject,
    scope.join(' '),
  ]);
  return formatTable(
    ['type', 'agent', 'resource', 'sub', 'scope'],
    rows.map((row) => row.map(normalise)),
  );
}
