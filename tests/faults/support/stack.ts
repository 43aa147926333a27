import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mode } from '../../../scripts/src/modes.ts';
import { type Gate, openGate } from './gate.ts';
import { type FrontedName, isFronted, placedAt, places } from './places.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { type Balancing, balance, type Replica } from './replicas.ts';
import { createServiceProcess, type ServiceProcess } from './service-process.ts';

export const serviceNames = [
  'agent-provider',
  'person-server',
  'resource-proxy',
  'inventory-mcp',
  'market-analysis-agent',
  'supply-chain-agent',
  'backend',
] as const;

export type ServiceName = (typeof serviceNames)[number];

export interface StackOptions {
  /** How many processes each of some services has, behind a balancer. One unless it says otherwise. */
  replicas?: Partial<Record<FrontedName, number>>;
  /** Settings beside those that the scripts give a service. */
  environment?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
}

/** The whole stack as processes that a test may treat badly, each service behind a gate. */
export interface Stack {
  postgres: PostgresServer;
  /** Its keys and everything else on disk. */
  directory: string;
  service(name: ServiceName): ServiceProcess;
  replicas(name: FrontedName): readonly Replica[];
  balancing(name: FrontedName): Balancing;
  gate(name: FrontedName): Gate;
  /** Kills a service; whoever asks for it meets a closed port. */
  kill(name: ServiceName): Promise<void>;
  /** Starts a service that was killed. */
  revive(name: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

interface Front {
  gate: Gate;
  replicas: readonly Replica[];
  balancing: Balancing;
}

/** Starts the stack in a mode, with empty state of its own, and approves the demo's agents. */
export async function startStack(mode: Mode, { replicas = {}, environment = {} }: StackOptions = {}): Promise<Stack> {
  const directory = mkdtempSync(join(tmpdir(), 'aauth-faults-'));
  // PostgreSQL runs as an ordinary user: where that may pass, its data is in here, and goes with the rest.
  chmodSync(directory, 0o755);
  const undo: (() => unknown)[] = [
    () => (process.env.FAULTS_KEEP ? undefined : rmSync(directory, { recursive: true, force: true })),
  ];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  // Read by the scripts' modules when they are loaded.
  process.env.AAUTH_DATA_DIR = directory;
  const { databases, servicesFor } = await import('../../../scripts/src/services.ts');
  const { demoThumbprints, makeResourceKeys } = await import('../../../scripts/src/keys.ts');
  const { approveAgents } = await import('../../../scripts/src/approve-agents.ts');
  try {
    const postgres = await startPostgres(join(directory, 'postgres'), databases);
    undo.push(postgres.stop);
    await makeResourceKeys();
    const fronts = new Map<string, Front>();
    const processes = new Map<string, ServiceProcess>();

    const create = (service: Parameters<typeof placedAt>[0], number: number): ServiceProcess => {
      const process = createServiceProcess(service, join(directory, `${service.name}-${number}.log`));
      undo.push(process.kill);
      return process;
    };

    const services = servicesFor(mode, postgres.url).filter(({ name }) => name !== 'supply-chain-ui');
    const agents: { health: string }[] = [];
    for (const planned of services) {
      const { name, stableKeyFile } = planned;
      const { AAUTH_FLOW_EXPORTER_URL: _, ...settings } = {
        ...planned.environment,
        ...environment[planned.name as ServiceName],
      };
      const service = { ...planned, environment: settings };
      if (!isFronted(name)) {
        processes.set(name, create(service, 1));
        agents.push(service);
        continue;
      }
      const count = replicas[name] ?? 1;
      const { front, first } = places[name];
      const all = Array.from({ length: count }, (_, index): Replica => {
        const port = first + 10 * index;
        return { process: create(placedAt(service, port, directory), index + 1), port };
      });
      const [one] = all;
      if (!one) throw new Error(`${name} has no process.`);
      processes.set(name, one.process);
      if (stableKeyFile) agents.push(one.process);
      const balancing = balance(all);
      undo.push(balancing.stop);
      const gate = await openGate(
        count > 1
          ? { port: front, target: balancing.next, connections: new Agent({ keepAlive: true, maxSockets: 256 }) }
          : { port: front, target: () => one.port },
      );
      undo.push(gate.shut);
      fronts.set(name, { gate, replicas: all, balancing });
    }

    const processOf = (name: string) => found(processes.get(name), name);
    const frontOf = (name: string) => found(fronts.get(name), name);
    // As the scripts start them: the agents after the servers that they turn to first.
    const isAgent = (name: string) => services.some((service) => service.name === name && service.stableKeyFile);
    const all = [...fronts.values()].flatMap((front) => front.replicas.map(({ process }) => process));
    all.push(processOf('backend'));
    await Promise.all(all.filter(({ name }) => !isAgent(name)).map((process) => process.start()));
    await Promise.all(all.filter(({ name }) => isAgent(name)).map((process) => process.start()));
    const thumbprints = await demoThumbprints(services.flatMap(({ stableKeyFile }) => stableKeyFile ?? []));
    await approveAgents(thumbprints, agents);

    return {
      postgres,
      directory,
      service: processOf,
      replicas: (name) => frontOf(name).replicas,
      balancing: (name) => frontOf(name).balancing,
      gate: (name) => frontOf(name).gate,
      async kill(name) {
        await Promise.all([processOf(name).kill(), fronts.get(name)?.gate.shut()]);
      },
      async revive(name) {
        await processOf(name).start();
        await fronts.get(name)?.gate.open();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function found<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`There is no ${name} here.`);
  return value;
}
