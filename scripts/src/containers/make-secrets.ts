/**
 * Run once before the containers of the stack: makes every key and secret that is missing, each service's in a volume
 * of its own, so that no service sees another's. Whoever approves the demo's agents sees their thumbprints only.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { demoThumbprints, makeResourceKeys } from '../keys.ts';
import { dataDirectory } from '../root.ts';
import { localSecret } from '../secrets.ts';
import { databases, type Service, servicesFor } from '../services.ts';
import { say, sayError } from '../terminal.ts';
import { writeApprovals } from './approvals.ts';

/** Variables whose values are secrets, and the files of a service's volume that hold them. */
const secretFiles = {
  DATABASE_URL: 'database-url',
  AAUTH_PROXY_SECRET: 'proxy-secret',
  AAUTH_OPERATOR_TOKEN: 'operator-token',
  AAUTH_FLOW_SECRET: 'flow-secret',
};
const stableKeyFile = 'stable-key.pem';
const databaseServer = 'postgres:5432';

async function main(): Promise<void> {
  const services = servicesFor('mode1', databaseUrl);
  for (const service of services) writeSecrets(service);
  await makeResourceKeys(volume('resource-proxy'));
  const agents = services.filter((service) => service.stableKeyFile !== undefined);
  const thumbprints = await demoThumbprints(agents.map(({ name }) => join(volume(name), stableKeyFile)));
  const addresses = agents.map(({ name, ports }) => `http://${name}:${ports[0]}`);
  writeApprovals(volume('approval'), { thumbprints: [...thumbprints], agents: addresses });
  localSecret('superuser', volume('postgres'));
  for (const name of databases) databaseUrl(name);
  say(`Keys and secrets are there for ${services.map(({ name }) => name).join(', ')}.`);
}

function writeSecrets({ name, environment }: Service): void {
  for (const [variable, file] of Object.entries(secretFiles)) {
    const value = environment[variable];
    if (value !== undefined) write(join(volume(name), file), value);
  }
}

function databaseUrl(database: string): string {
  const password = localSecret(database, join(volume('postgres'), 'owners'));
  return `postgres://${database}:${password}@${databaseServer}/${database}`;
}

/** The volumes are mounted side by side; this container's own is one of them. */
function volume(name: string): string {
  return join(dataDirectory, '..', name);
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, content, { mode: 0o600 });
}

try {
  await main();
} catch (error) {
  sayError(error);
  process.exitCode = 1;
}
