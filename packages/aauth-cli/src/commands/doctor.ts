import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { type AgentIdentity, createIdentity } from '../agent/credentials.ts';
import { withNetwork } from '../agent/network.ts';
import { type Check, hasFault, renderChecks } from '../checks/check.ts';
import { defineCommand } from '../command/command.ts';
import { type ExitCode, exitCodes } from '../command/exit-codes.ts';
import { showFailure } from '../command/failure.ts';
import { createProfiles } from '../config/profiles.ts';
import { checkMachine } from '../doctor/check-machine.ts';
import { checkResource } from '../doctor/check-resource.ts';
import { checkOptional, checkServer } from '../doctor/check-server.ts';
import { chooseTargets } from '../doctor/targets.ts';
import { parseUrl } from '../http/request-input.ts';

const optional = [
  ['backend', 'http://backend.localhost:8000/healthz', 'Runs of the demo go through it.'],
  ['user interface', 'http://localhost:3050/', "The demo's pages."],
  ['jaeger', 'http://localhost:16686/', 'Traces are shown there when it runs.'],
] as const;

/** `aauth doctor` */
export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'check a running stack, and say what is wrong with it and what to do',
  usage: ['[--provider URL] [--person-server URL] [--resource URL]…'],
  description: `
Looks at this machine, the profile, the agent provider, the person server and the resources: whether they answer, whether their clocks agree
with the one here, whether others can use what they publish, whether resources are protected and take a signature of this agent. Without
options it looks at what the profile knows, or else at the demo of this repository on its usual ports. It changes nothing.`,
  options: {
    provider: { type: 'string', value: 'URL', help: 'the agent provider' },
    'person-server': { type: 'string', value: 'URL', help: 'the person server' },
    resource: { type: 'string', value: 'URL', multiple: true, help: 'a resource' },
  },
  examples: [
    ['aauth doctor', 'the demo, or the servers of the profile'],
    ['aauth doctor --resource https://inventory.example --json', 'one resource, for a script'],
  ],
  positionals: [0, 0],
  async run({ values, context, terminal }): Promise<ExitCode> {
    const profiles = createProfiles(context.env);
    const name = await profiles.nameOf(values.profile);
    const { checks, profile } = await checkMachine(profiles, name, context);
    const { provider, personServer, resources, isDemo } = chooseTargets(values, profile);
    await withNetwork(context, async (network) => {
      const surroundings = { network, now: context.now, isDemo };
      if (provider)
        checks.push(
          ...(await checkServer(
            'agent provider',
            parseUrl(provider).origin,
            metadataDocuments.agentProvider,
            surroundings,
          )),
        );
      if (personServer)
        checks.push(
          ...(await checkServer(
            'person server',
            parseUrl(personServer).origin,
            metadataDocuments.personServer,
            surroundings,
          )),
        );
      let identity: AgentIdentity | undefined;
      if (profile?.agent !== undefined) {
        identity = await createIdentity({ context, profiles, profile, fetch: network.fetch }).catch(() => undefined);
        const standing = await checkStanding(identity);
        checks.push(standing);
        if (standing.result === 'fail') identity = undefined;
      }
      for (const resource of resources)
        checks.push(...(await checkResource(parseUrl(resource).origin, identity, surroundings)));
      if (!isDemo) return;
      for (const [what, url, meaning] of optional) checks.push(await checkOptional(what, url, meaning, surroundings));
    });
    const faults = checks.filter(({ result }) => result === 'fail').length;
    terminal.result({ healthy: faults === 0, checks }, () =>
      [
        renderChecks(checks, terminal.paint),
        '',
        faults === 0
          ? terminal.paint('green', 'All is well.')
          : terminal.paint(
              'red',
              `${faults} ${faults === 1 ? 'fault' : 'faults'}. What to do stands behind the arrows, from above.`,
            ),
      ].join('\n'),
    );
    return hasFault(checks) ? exitCodes.invalid : exitCodes.ok;
  },
});

/** Whether the agent has, or gets, a valid agent token. */
async function checkStanding(identity: AgentIdentity | undefined): Promise<Check> {
  if (!identity)
    return { check: 'agent', result: 'fail', detail: 'Its stable key cannot be used.', hint: 'aauth keys says why.' };
  try {
    await identity.credentials();
    return { check: 'agent', result: 'pass', detail: 'It has a valid agent token.' };
  } catch (error) {
    const { detail, hint } = showFailure(error);
    return { check: 'agent', result: 'fail', detail, hint };
  }
}
