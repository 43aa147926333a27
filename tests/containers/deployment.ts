import { spawn } from 'node:child_process';
import { root } from '../support/commands.ts';
import { asPerson } from '../support/person.ts';
import { until } from '../support/until.ts';

export interface Output {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A project of its own: the containers and volumes of whoever uses the stack on this machine are left alone. */
const own = { COMPOSE_PROJECT_NAME: 'aauth-stack-test', COMPOSE_DISABLE_ENV_FILE: '1' };

/** A busy machine is not a failure. */
const patience = 300_000;

/** Runs a command of docker to its end. */
export function docker(words: readonly string[], environment: Record<string, string> = {}): Promise<Output> {
  const { promise, resolve, reject } = Promise.withResolvers<Output>();
  const child = spawn('docker', words, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...own, ...environment },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  child.once('error', reject);
  child.once('close', (code) => resolve({ code, ...output }));
  return promise;
}

/** Runs `docker compose`, which has to succeed; returns what it prints. */
export async function compose(words: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await docker(['compose', ...words], environment);
  if (code !== 0) throw new Error(`docker compose ${words.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
  return stdout;
}

/** Starts what is not running as wanted, and waits until all agents are enrolled. */
export async function up(environment: Record<string, string> = {}): Promise<void> {
  await compose(['up', '--detach', '--no-build'], environment);
  await ready();
}

/** Until every agent is enrolled. */
export async function ready(): Promise<void> {
  for (const [service, port] of agents) {
    await until(`${service} to be ready`, () => answers(service, port, '/readyz'), patience);
  }
}

const agents: ReadonlyArray<[service: string, port: number]> = [
  ['market-analysis-agent', 9998],
  ['supply-chain-agent', 9999],
  ['backend', 8000],
];

/** Whether a service answers 200 there, asked as its health check asks it. */
export async function answers(service: string, port: number, path: string): Promise<boolean> {
  const check = ['node', '/usr/local/lib/health-check.mjs', String(port), path];
  return (await docker(['compose', 'exec', '--no-TTY', service, ...check])).code === 0;
}

/** Stops everything and forgets everything. */
export async function forget(): Promise<void> {
  await compose(['--profile', '*', 'down', '--volumes', '--remove-orphans']);
}

export interface Container {
  Name: string;
  Service: string;
  State: string;
  Health: string;
  ExitCode: number;
}

/** Every container of the stack, those that have ended among them. */
export async function containers(): Promise<Container[]> {
  const lines = await compose(['ps', '--all', '--format', 'json']);
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line): Container => JSON.parse(line));
}

/** Until the named service has no container that is not healthy. */
export function healthy(service: string): Promise<unknown> {
  const isHealthy = async () => {
    const found = (await containers()).filter((container) => container.Service === service);
    return found.length > 0 && found.every(({ Health }) => Health === 'healthy');
  };
  return until(`${service} to be healthy`, isHealthy, patience);
}

/** What a JavaScript expression is worth inside a container. */
export async function evaluated<Value>(service: string, expression: string): Promise<Value> {
  const script = `process.stdout.write(JSON.stringify(await (${expression})))`;
  return JSON.parse(await compose(['exec', '--no-TTY', service, 'node', '--input-type=module', '--eval', script]));
}

/** The agents that the person's servers know, by their names. */
export async function agentIds(): Promise<Record<string, string>> {
  const bindings = await asPerson<{ agent_id: string; agent_name: string }[]>('/person/bindings');
  return Object.fromEntries(bindings.map(({ agent_id, agent_name }) => [agent_name, agent_id]));
}
