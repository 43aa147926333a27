import { StartupError } from '@aauth-stack/service/main';
import { addresses, portalToken, type Service } from './services.ts';
import { waitFor } from './wait-for.ts';

interface Registration {
  id: string;
  agent_name: string;
  stable_jkt: string;
}

/** Where the Person Server of the stack on this machine listens. */
const onThisMachine = 'http://127.0.0.1:8765';

/**
 * Approves pending enrolments whose stable key is one of the demo's own key files, in the person's place, until all of
 * those agents are enrolled. Any other pending enrolment is left to the person.
 *
 * @returns the names of the agents it approved
 */
export async function approveAgents(
  thumbprints: ReadonlySet<string>,
  agents: readonly Pick<Service, 'health'>[],
  personServer = onThisMachine,
): Promise<string[]> {
  const approved: string[] = [];
  await waitFor(
    async () => {
      for (const registration of (await pendingRegistrations(personServer)) ?? []) {
        if (!thumbprints.has(registration.stable_jkt)) continue;
        const url = `${personServer}/person/registrations/${registration.id}/approve`;
        if (await asPerson(url, { method: 'POST' })) approved.push(registration.agent_name);
      }
      const states = await Promise.all(agents.map(({ health }) => isReady(health)));
      return states.every(Boolean) || undefined;
    },
    {
      timeoutMs: 60_000,
      onTimeout: () =>
        new StartupError(
          `The agents are not enrolled after 60 s. See their logs, and the portal at ${addresses.personServer}/ui.`,
        ),
    },
  );
  return approved;
}

async function pendingRegistrations(personServer: string): Promise<Registration[] | undefined> {
  const response = await asPerson(`${personServer}/person/registrations`);
  const body: unknown = await response?.json();
  return Array.isArray(body) ? body.filter(isRegistration) : [];
}

/** @returns undefined when the Person Server, or the Agent Provider that it turns to, cannot answer just now */
async function asPerson(url: string, init: RequestInit = {}): Promise<Response | undefined> {
  const headers = { authorization: `Bearer ${portalToken()}`, host: new URL(addresses.personServer).host };
  const response = await fetch(url, { ...init, headers });
  if (response.status === 503) return void (await response.body?.cancel());
  if (!response.ok)
    throw new StartupError(`The Person Server answered ${response.status} to ${url}: ${await response.text()}`);
  return response;
}

async function isReady(health: string): Promise<boolean> {
  const response = await fetch(`${health}/readyz`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

function isRegistration(value: unknown): value is Registration {
  return typeof value === 'object' && value !== null && 'id' in value && 'stable_jkt' in value && 'agent_name' in value;
}
