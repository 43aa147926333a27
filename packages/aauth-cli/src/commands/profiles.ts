import { defineCommand } from '../command/command.ts';
import { usageFailure } from '../command/failure.ts';
import { createProfiles, type Profile } from '../config/profiles.ts';

/** `aauth profiles` */
export const profilesCommand = defineCommand({
  name: 'profiles',
  summary: 'list the agents that you have here, choose one, forget one',
  usage: ['', 'use NAME', 'remove NAME'],
  description: `
A profile is one agent: its stable key, its provider, and what it is called. Removing one deletes its key for good, and tells nobody: the
person should revoke the agent at the person server as well.`,
  options: {},
  examples: [
    ['aauth profiles', 'all of them; the one in use is marked'],
    ['aauth profiles use ci', 'from now on, without --profile'],
  ],
  positionals: [0, 2],
  async run({ values, positionals: [action, name], context, terminal }) {
    const profiles = createProfiles(context.env);
    if (action === undefined) {
      const inUse = await profiles.nameOf(values.profile);
      const all = await Promise.all((await profiles.names()).map((each) => profiles.load(each)));
      const document = all.map((profile) => ({ ...shown(profile), in_use: profile.name === inUse }));
      terminal.result(document, () =>
        all.length === 0
          ? `No profiles in ${profiles.folder}. Make one: aauth init --provider URL`
          : all.map((profile) => line(profile, profile.name === inUse)).join('\n'),
      );
      return;
    }
    if (name === undefined || (action !== 'use' && action !== 'remove')) {
      throw usageFailure('aauth profiles takes "use NAME" or "remove NAME".', 'See "aauth profiles --help".');
    }
    const profile = await profiles.load(name);
    if (action === 'use') await profiles.choose(name);
    else await profiles.remove(name);
    const text = action === 'use' ? `From now on: ${name}` : `Removed ${name} with its key; ${revokeHint(profile)}`;
    terminal.result({ action, ...shown(profile) }, () => text);
  },
});

function shown({ name, agent, agentName, provider, personServer }: Profile) {
  return {
    profile: name,
    agent: agent ?? null,
    agent_name: agentName,
    provider,
    person_server: personServer ?? null,
  };
}

function line({ name, agent, agentName, provider }: Profile, isInUse: boolean): string {
  return `${isInUse ? '*' : ' '} ${name}  ${agent ?? `"${agentName}", not approved yet,`} at ${provider}`;
}

function revokeHint({ agent, personServer }: Profile): string {
  return agent === undefined
    ? 'it was not approved yet.'
    : `revoke ${agent} at ${personServer ?? 'its person server'} too.`;
}
