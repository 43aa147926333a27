/**
 * `infra/agentgateway/run.sh <mode>` calls this: writes what the real agentgateway and the proxy behind its external
 * authorization read, from the very files of infra/gateway, variables expanded.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentDomain, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { expand } from '../../../apps/resource-proxy/src/configuration/expand.ts';
import { parseStartArguments } from '../arguments.ts';
import { modes } from '../modes.ts';
import { dataDirectory, keyDirectory, root } from '../root.ts';
import { addresses } from '../services.ts';
import { say, sayError } from '../terminal.ts';
import { gatewayForAgentgateway, resourcesForAgentgateway } from './for-agentgateway.ts';

function main(): void {
  const { mode } = parseStartArguments(process.argv.slice(2));
  const agentProvider = parseServerIdentifier(addresses.agentProvider, { allowLoopback: true });
  const environment = {
    ...process.env,
    AAUTH_KEY_DIR: keyDirectory,
    AGENT_PROVIDER_URL: addresses.agentProvider,
    AGENT_PROVIDER_DOMAIN: agentDomain(agentProvider),
    PERSON_SERVER_URL: addresses.personServer,
  };
  const source = (file: string) => expand(readFileSync(join(root, 'infra', 'gateway', file), 'utf8'), environment);
  const directory = join(dataDirectory, 'agentgateway');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const gateway = join(directory, 'gateway.yaml');
  const resources = join(directory, 'resources.yaml');
  writeFileSync(gateway, gatewayForAgentgateway(source(modes[mode].gateway)));
  writeFileSync(resources, resourcesForAgentgateway(source(modes[mode].resources)));
  say(`Written for ${mode}: ${gateway}, ${resources}.`);
  say(`The stack behind it: GATEWAY_CONFIG=none AAUTH_CONFIG=${resources} scripts/start-infra.sh ${mode}`);
}

try {
  main();
} catch (error) {
  sayError(error);
  process.exitCode = 1;
}
