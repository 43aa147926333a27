import { setTimeout as delay } from 'node:timers/promises';
import { approveAgents } from './approve-agents.ts';
import { parseStartArguments, type StartArguments, UsageError } from './arguments.ts';
import { buildInterfaces } from './build.ts';
import { startDatabase } from './database.ts';
import { demoThumbprints, makeResourceKeys } from './keys.ts';
import { modes } from './modes.ts';
import { prunePidFile } from './pid-file.ts';
import { checkPorts, ready, startServices } from './process.ts';
import { checkRunningMode, recordMode } from './running-mode.ts';
import { addresses, portalToken, type Service, servicesFor } from './services.ts';
import { stopStack } from './stop.ts';
import { say, sayError } from './terminal.ts';
import { whereTracesGo } from './traces.ts';

async function main(): Promise<void> {
  const wanted = parseStartArguments(process.argv.slice(2));
  prunePidFile();
  await checkRunningMode(wanted.mode);
  say(`Starting the AAuth stack in ${wanted.mode}: ${modes[wanted.mode].shows}.\n`);
  buildInterfaces();
  const databaseUrl = await startDatabase();
  recordMode(wanted.mode);
  const services = servicesFor(wanted.mode, databaseUrl);
  await checkPorts(services);
  await makeResourceKeys();
  const thumbprints = await demoThumbprints(services.flatMap(({ stableKeyFile }) => stableKeyFile ?? []));
  await startAll(services);
  await enrol(services, thumbprints, wanted);
  summary(await whereTracesGo(process.env));
  if (process.stdin.isTTY) await untilInterrupted();
}

/** The agents start once the servers are up that they turn to first. */
async function startAll(services: readonly Service[]): Promise<void> {
  const isAgent = ({ stableKeyFile }: Service) => stableKeyFile !== undefined;
  for (const wave of [services.filter((service) => !isAgent(service)), services.filter(isAgent)]) {
    const started = performance.now();
    await startServices(wave, (service, outcome) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const note = outcome === 'running' ? 'already running' : `${seconds} s`;
      say(`  ${service.name.padEnd(22)} ${service.address.padEnd(46)} ${note}`);
    });
  }
}

async function enrol(services: Service[], thumbprints: ReadonlySet<string>, { manual }: StartArguments): Promise<void> {
  const agents = services.filter(({ stableKeyFile }) => stableKeyFile);
  say('');
  if (!manual) {
    const approved = await approveAgents(thumbprints, agents);
    if (approved.length > 0) {
      say(`Approved in your place, by the thumbprints of the demo's own key files: ${approved.join(', ')}.`);
      say('(--manual leaves that to you.)');
    }
    return;
  }
  say(
    `Agents wait for your approval: open ${addresses.personServer}/ui and sign in with the portal token "${portalToken()}".`,
  );
  if (!process.stdin.isTTY) return;
  const oneHour = 3_600_000;
  for (const agent of agents) {
    await ready(agent, oneHour);
    say(`  ${agent.name} is enrolled.`);
  }
}

function summary(traces: string): void {
  say(`
Demo         ${addresses.supplyChainUi}
Portal       ${addresses.personServer}/ui   (portal token: ${portalToken()})
Backend      ${addresses.backend}
Traces       ${traces}
Logs         logs/
Stop         scripts/stop-infra.sh

Try it:
  curl -X POST http://localhost:8000/optimization/start -H 'content-type: application/json' -d '{"prompt":"perform market analysis"}'
  curl http://localhost:8000/optimization/all
`);
  if (portalToken() === 'mytoken')
    say('The portal token is the well-known "mytoken": fit for this machine only. AAUTH_PORTAL_TOKEN sets another.');
}

async function untilInterrupted(): Promise<void> {
  say('Ctrl+C stops everything.');
  const interrupted = Promise.withResolvers<void>();
  process.once('SIGINT', () => interrupted.resolve());
  process.once('SIGTERM', () => interrupted.resolve());
  const forEver = new AbortController();
  void delay(2 ** 31 - 1, undefined, { signal: forEver.signal }).catch(() => undefined);
  await interrupted.promise;
  forEver.abort();
  await stopStack();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  sayError(error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
