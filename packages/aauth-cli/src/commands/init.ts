import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { thumbprintUri } from '@aauth-stack/aauth/keys';
import { loadOrCreateSigningKey, loadPrivateJwk, saveSigningKey } from '@aauth-stack/aauth/node';
import { profileAfter, sessionOf } from '../agent/credentials.ts';
import { enrol } from '../agent/enrol.ts';
import { withNetwork } from '../agent/network.ts';
import { writeSession } from '../agent/session-file.ts';
import { defineCommand } from '../command/command.ts';
import { exitCodes } from '../command/exit-codes.ts';
import { CommandFailure, usageFailure } from '../command/failure.ts';
import { timeLimit } from '../command/time-limit.ts';
import { identifierPolicy } from '../config/identifiers.ts';
import { makePrivateFolder } from '../config/private-files.ts';
import { createProfiles, type Profile, type Profiles } from '../config/profiles.ts';
import { whenIs } from '../terminal/format.ts';

/** `aauth init` */
export const initCommand = defineCommand({
  name: 'init',
  summary: 'make a key, ask an agent provider for an identity, and wait until the person approves it',
  usage: ['--provider URL [--name NAME] [--person-server URL]'],
  description: `
Makes a stable key in the profile's folder and enrols it at an agent provider. A person approves the agent once, at the person server
that the provider works with; this command says where, and waits. With a profile that has been approved already it only checks that
the provider still knows it. Nothing is lost by interrupting it: the next "aauth init" goes on with the same key.`,
  options: {
    provider: { type: 'string', value: 'URL', help: 'the agent provider; needed the first time' },
    name: {
      type: 'string',
      value: 'NAME',
      help: 'what the person is shown, 1–256 characters (default: "aauth of USER")',
    },
    'person-server': { type: 'string', value: 'URL', help: "your person server (default: the provider's choice)" },
    callback: { type: 'string', value: 'URL', help: 'where the person server may send your browser back to' },
    key: {
      type: 'string',
      value: 'FILE',
      help: 'use this private key (PKCS#8 PEM or JWK) as the stable key; it is copied',
    },
    alg: { type: 'string', value: 'ALG', help: 'of the key that is made: Ed25519 (the default) or ES256' },
    'no-wait': { type: 'boolean', help: 'do not wait for the person; end with code 8 when they have to decide' },
    timeout: {
      type: 'string',
      value: 'SECONDS',
      help: 'stop waiting after that long (default: as long as the provider does)',
    },
  },
  examples: [
    ['aauth init --provider https://agents.example', 'the first time'],
    ['aauth init --profile ci --provider https://agents.example --name "CI of inventory"', 'a second agent'],
    ['aauth init', 'go on waiting, or check that all is well'],
  ],
  positionals: [0, 0],
  async run({ values, context, terminal }) {
    const profiles = createProfiles(context.env);
    const profile = await chooseProfile(profiles, values, context.env);
    const keyFile = profiles.keyFile(profile.name);
    const stableKey = await prepareKey(profiles, keyFile, values);
    await profiles.save(profile);
    const stableJkt = thumbprintUri(stableKey.thumbprint);
    terminal.note(`"${profile.agentName}" enrols at ${profile.provider} with the key ${stableJkt}`);

    const signal = timeLimit(context.signal, values.timeout, '--timeout');
    const enrolment = await withNetwork(context, ({ fetch }) =>
      enrol({
        profile,
        stableKey,
        fetch,
        now: context.now,
        signal,
        onSetback: (detail) => terminal.note(detail),
        onPending(detail) {
          if (values['no-wait']) throw personNeeded(detail);
          terminal.note(`${detail}\nSign in there and approve it; compare the key. This command waits.`);
        },
      }),
    );
    const session = sessionOf(profile, stableKey, enrolment);
    await writeSession(profiles.sessionFile(profile.name), session);
    const approved = profileAfter(profile, session, context);
    await profiles.save(approved);
    const document = {
      profile: approved.name,
      agent: session.agent,
      provider: approved.provider,
      person_server: approved.personServer ?? null,
      stable_jkt: stableJkt,
      key_file: keyFile,
      expires_at: new Date(session.expiresAt * 1000).toISOString(),
    };
    terminal.result(document, () =>
      [
        `${terminal.paint('green', 'Enrolled')} as ${terminal.paint('bold', session.agent)}`,
        `  profile        ${approved.name} (${profiles.folder})`,
        `  provider       ${approved.provider}`,
        `  person server  ${approved.personServer ?? 'none'}`,
        `  agent token    valid until ${whenIs(session.expiresAt, context.now())}, renewed as needed`,
        'Next: aauth fetch URL',
      ].join('\n'),
    );
  },
});

interface Choices {
  readonly profile?: string;
  readonly provider?: string;
  readonly name?: string;
  readonly 'person-server'?: string;
  readonly callback?: string;
}

async function chooseProfile(
  profiles: Profiles,
  values: Choices,
  env: Parameters<typeof identifierPolicy>[0],
): Promise<Profile> {
  const policy = identifierPolicy(env);
  const name = await profiles.nameOf(values.profile);
  const known = await profiles.find(name);
  const provider = values.provider === undefined ? known?.provider : parseServerIdentifier(values.provider, policy);
  if (!provider) {
    throw usageFailure(
      `There is no profile "${name}" yet, and --provider does not say which agent provider to ask.`,
      'For example: aauth init --provider https://agents.example',
    );
  }
  if (known && known.provider !== provider) {
    throw usageFailure(
      `The profile "${name}" is an agent of ${known.provider}, not of ${provider}.`,
      `Make another one: aauth init --profile NAME --provider ${provider}`,
    );
  }
  const agentName = values.name ?? known?.agentName ?? `aauth of ${env.USER || env.LOGNAME || 'somebody'}`;
  if (agentName.length < 1 || agentName.length > 256) {
    throw usageFailure(`--name has ${agentName.length} characters; it needs 1 to 256.`);
  }
  const personServer = values['person-server'];
  return {
    name,
    provider,
    agentName,
    personServer: personServer === undefined ? known?.personServer : parseServerIdentifier(personServer, policy),
    callback: values.callback ?? known?.callback,
    agent: known?.agent,
  };
}

async function prepareKey(
  profiles: Profiles,
  keyFile: string,
  { key: given, alg = 'Ed25519' }: { readonly key?: string; readonly alg?: string },
) {
  if (alg !== 'Ed25519' && alg !== 'ES256') throw usageFailure(`--alg is Ed25519 or ES256, not "${alg}".`);
  await makePrivateFolder(profiles.folder);
  if (given !== undefined) await saveSigningKey(keyFile, await loadPrivateJwk(given));
  return loadOrCreateSigningKey(keyFile, alg);
}

function personNeeded(detail: string): CommandFailure {
  return new CommandFailure('person_needed', detail, {
    exitCode: exitCodes.personNeeded,
    hint: 'Approve the agent there, then run "aauth init" again.',
  });
}
