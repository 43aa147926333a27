import { thumbprintUri } from '@aauth-stack/aauth/keys';
import { loadSigningKey } from '@aauth-stack/aauth/node';
import { createIdentity } from '../agent/credentials.ts';
import { withNetwork } from '../agent/network.ts';
import { defineCommand } from '../command/command.ts';
import { createProfiles } from '../config/profiles.ts';
import { isoTime, whenIs } from '../terminal/format.ts';
import { redactTokens } from '../terminal/redact.ts';

/** `aauth whoami` */
export const whoamiCommand = defineCommand({
  name: 'whoami',
  summary: 'which agent this is, who vouches for it, and how long its agent token is valid',
  usage: ['[--refresh] [--show-token]'],
  description: `
Asks nobody, unless there is no valid agent token or --refresh wants another one: then the agent provider is asked, and says whether
it still knows this agent.`,
  options: {
    refresh: { type: 'boolean', help: 'ask the agent provider for another agent token, for another key' },
    'show-token': {
      type: 'boolean',
      help: 'print the agent token whole. It proves nothing without its key, but name it nobody',
    },
  },
  examples: [
    ['aauth whoami', 'the agent of the profile'],
    ['aauth whoami --refresh --json', 'ask the provider, for a script'],
  ],
  positionals: [0, 0],
  async run({ values, context, terminal }) {
    const profiles = createProfiles(context.env);
    const profile = await profiles.load(values.profile);
    const stableKey = await loadSigningKey(profiles.keyFile(profile.name));
    const session = await withNetwork(context, async ({ fetch }) => {
      const identity = await createIdentity({ context, profiles, profile, fetch });
      if (values.refresh) return identity.renew();
      await identity.credentials();
      return identity.kept();
    });
    const current = await profiles.load(values.profile);
    const token = session?.token ?? '';
    if (values['show-token'])
      terminal.warn('what follows is a complete token: keep it out of logs, tickets and chats.');
    const document = {
      profile: profile.name,
      agent: session?.agent ?? null,
      agent_name: profile.agentName,
      provider: profile.provider,
      person_server: current.personServer ?? null,
      stable_jkt: thumbprintUri(stableKey.thumbprint),
      expires_at: session ? isoTime(session.expiresAt) : null,
      agent_token: values['show-token'] ? token : redactTokens(token),
    };
    terminal.result(document, () =>
      [
        terminal.paint('bold', session?.agent ?? '(not enrolled)'),
        `  name           ${profile.agentName}`,
        `  profile        ${profile.name}`,
        `  provider       ${profile.provider}`,
        `  person server  ${document.person_server ?? 'none'}`,
        `  stable key     ${document.stable_jkt}`,
        `  agent token    ${session ? `valid until ${whenIs(session.expiresAt, context.now())}` : 'none'}`,
        ...(values['show-token'] ? [`  ${token}`] : []),
      ].join('\n'),
    );
  },
});
