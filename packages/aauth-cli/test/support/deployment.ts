import { createHttpFetch } from '@aauth-stack/aauth/node';
import { createTestDatabase, freePort, spawnProcess } from '@aauth-stack/service/testing';
import { until } from './until.ts';

const portalToken = 'portal-token-of-this-test';

/** A real Agent Provider and a real Person Server, each a process with a database of its own, and the person. */
export interface Deployment {
  readonly provider: string;
  readonly personServer: string;
  /** Calls the Person Server as a script of the person. */
  asPerson(path: string, init?: RequestInit): Promise<unknown>;
  /** Approves or denies the enrolment of a key, as soon as it is there. */
  decideEnrolment(stableJkt: string, decision: 'approve' | 'deny'): Promise<void>;
  /** Decides on a request for access by the code in its link. */
  decide(code: string, decision: { approved: boolean; remember?: boolean }): Promise<void>;
  /** Asks the agent about its request. */
  ask(code: string, question: string): Promise<void>;
  revoke(agent: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startDeployment(settings: Readonly<Record<string, string>> = {}): Promise<Deployment> {
  const [providerPort, personPort] = [await freePort(), await freePort()];
  const provider = `http://agent-provider.localhost:${providerPort}`;
  const personServer = `http://person-server.localhost:${personPort}`;
  const fetch = createHttpFetch();
  const databases = [await createTestDatabase(), await createTestDatabase()];
  const common = {
    AGENT_PROVIDER_URL: provider,
    PERSON_SERVER_URL: personServer,
    OTEL_SDK_DISABLED: 'true',
    LOG_LEVEL: 'warn',
    ...settings,
  };
  const app = (name: string, port: number, database = 0) =>
    spawnProcess({
      directory: new URL(`../../../../apps/${name}/`, import.meta.url),
      environment: {
        ...common,
        PORT: String(port),
        DATABASE_URL: databases[database]?.url ?? '',
        AAUTH_PORTAL_TOKEN: portalToken,
      },
    });
  const processes = [app('agent-provider', providerPort, 0), app('person-server', personPort, 1)];

  async function asPerson(path: string, init: RequestInit = {}): Promise<unknown> {
    const headers = { 'content-type': 'application/json', ...init.headers, authorization: `Bearer ${portalToken}` };
    const response = await fetch(`${personServer}${path}`, { ...init, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async function answer(code: string, body: object): Promise<void> {
    const request = Object(await asPerson(`/consent?code=${encodeURIComponent(code)}`));
    await asPerson(`/consent/${request.pending_id}/decision`, { method: 'POST', body: JSON.stringify(body) });
  }

  async function stop(): Promise<void> {
    await Promise.all(processes.map(({ kill }) => kill()));
    await fetch.close();
    await Promise.all(databases.map((database) => database.drop()));
  }

  try {
    for (const origin of [provider, personServer]) {
      await until(`${origin} to be ready`, async () => (await fetch(`${origin}/readyz`)).status === 200);
    }
  } catch (error) {
    const said = processes.map((process) => process.output()).join('\n');
    await stop();
    throw new Error(`The deployment does not start:\n${said}`, { cause: error });
  }

  return {
    provider,
    personServer,
    asPerson,
    async decideEnrolment(stableJkt, decision) {
      const id = await until(`the enrolment of ${stableJkt}`, async () => {
        const registrations = await asPerson('/person/registrations');
        const all: { id: string; stable_jkt: string }[] = Array.isArray(registrations) ? registrations : [];
        return all.find((registration) => registration.stable_jkt === stableJkt)?.id;
      });
      await asPerson(`/person/registrations/${id}/${decision}`, { method: 'POST' });
    },
    decide: answer,
    ask: (code, question) => answer(code, { clarification_question: question }),
    revoke: async (agent) => {
      await asPerson(`/person/bindings/${encodeURIComponent(agent)}/revoke`, { method: 'POST' });
    },
    stop,
  };
}
