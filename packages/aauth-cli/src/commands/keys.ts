import { link, rename, rm } from 'node:fs/promises';
import { type SigningKey, thumbprintUri } from '@aauth-stack/aauth/keys';
import { loadSigningKey, nodeKeys, saveSigningKey } from '@aauth-stack/aauth/node';
import { createIdentity, profileAfter, sessionOf } from '../agent/credentials.ts';
import { enrol } from '../agent/enrol.ts';
import { type Network, withNetwork } from '../agent/network.ts';
import { readSession, writeSession } from '../agent/session-file.ts';
import { defineCommand } from '../command/command.ts';
import type { Context } from '../command/context.ts';
import { exitCodes } from '../command/exit-codes.ts';
import { CommandFailure, usageFailure } from '../command/failure.ts';
import { timeLimit } from '../command/time-limit.ts';
import { createProfiles, type Profile, type Profiles } from '../config/profiles.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `aauth keys` */
export const keysCommand = defineCommand({
  name: 'keys',
  summary: 'the keys of this agent; rotate them',
  usage: ['', 'rotate [--stable]'],
  description: `
"aauth keys rotate" replaces the ephemeral key, which signs requests, and with it every token: the agent provider issues another agent
token. It happens by itself with every renewal.

"aauth keys rotate --stable" replaces the stable key. To the agent provider a new stable key is a new agent: the person has to
approve it, and it gets another identifier. The old key stays in use until then, and in a file beside the new one afterwards. Revoke
the old agent at the person server when nothing needs it any more.`,
  options: {
    stable: { type: 'boolean', help: 'replace the stable key; the person has to approve the agent anew' },
    alg: { type: 'string', value: 'ALG', help: 'of the new stable key: Ed25519 (the default) or ES256' },
    'no-wait': {
      type: 'boolean',
      help: 'do not wait for the person: say that they are needed, end with code 8, and go on next time',
    },
    timeout: { type: 'string', value: 'SECONDS', help: 'stop waiting for the person after that long' },
  },
  examples: [
    ['aauth keys', 'thumbprints and algorithms; never a private key'],
    ['aauth keys rotate', 'another key for signing, another agent token'],
  ],
  positionals: [0, 1],
  async run({ values, positionals: [action], context, terminal }) {
    const profiles = createProfiles(context.env);
    const profile = await profiles.load(values.profile);
    if (action === undefined) return showKeys(profiles, profile, terminal);
    if (action !== 'rotate') throw usageFailure(`aauth keys does not take "${action}".`, 'See "aauth keys --help".');
    return withNetwork(context, (network) =>
      values.stable
        ? rotateStableKey({ ...values, profiles, profile, context, terminal, network })
        : rotateEphemeralKey({ profiles, profile, context, terminal, network }),
    );
  },
});

interface Rotation {
  readonly profiles: Profiles;
  readonly profile: Profile;
  readonly context: Context;
  readonly terminal: Terminal;
  readonly network: Network;
  readonly alg?: string;
  readonly 'no-wait'?: boolean;
  readonly timeout?: string;
}

async function showKeys(profiles: Profiles, profile: Profile, terminal: Terminal): Promise<undefined> {
  const file = profiles.keyFile(profile.name);
  const stable = await loadSigningKey(file);
  const session = await readSession(profiles.sessionFile(profile.name), {
    provider: profile.provider,
    stableJkt: stable.thumbprint,
  });
  const ephemeral = session && (await nodeKeys.signingKey(session.key));
  const document = { stable: { ...shown(stable), file }, ephemeral: ephemeral ? shown(ephemeral) : null };
  terminal.result(document, () =>
    [
      `stable     ${line(stable)}  ${file}`,
      `ephemeral  ${ephemeral ? line(ephemeral) : 'none; made with the next agent token'}`,
    ].join('\n'),
  );
}

async function rotateEphemeralKey({ profiles, profile, context, terminal, network }: Rotation): Promise<undefined> {
  const identity = await createIdentity({ context, profiles, profile, fetch: network.fetch });
  const before = await identity.kept();
  const after = await identity.renew();
  const key = await nodeKeys.signingKey(after.key);
  const replaced = before && (await nodeKeys.signingKey(before.key));
  const document = { rotated: 'ephemeral', agent: after.agent, ...shown(key), replaced: replaced?.thumbprint ?? null };
  terminal.result(document, () => `${after.agent} signs with ${line(key)} from now on.`);
}

async function rotateStableKey(rotation: Rotation): Promise<undefined> {
  const { profiles, profile, context, terminal, network, alg = 'Ed25519' } = rotation;
  if (alg !== 'Ed25519' && alg !== 'ES256') throw usageFailure(`--alg is Ed25519 or ES256, not "${alg}".`);
  const file = profiles.keyFile(profile.name);
  const old = await loadSigningKey(file);
  const nextFile = `${file}.next`;
  const stableKey = await nextKey(nextFile, alg);
  terminal.note(
    `The new key is ${thumbprintUri(stableKey.thumbprint)}; until it is approved, the old one stays in use.`,
  );
  const enrolment = await enrol({
    profile,
    stableKey,
    fetch: network.fetch,
    now: context.now,
    signal: timeLimit(context.signal, rotation.timeout, '--timeout'),
    onPending(detail) {
      if (!rotation['no-wait']) return terminal.note(`${detail}\nThis command waits.`);
      throw new CommandFailure('person_needed', detail, {
        exitCode: exitCodes.personNeeded,
        hint: 'Approve the new key there, then run "aauth keys rotate --stable" again.',
      });
    },
  });
  const kept = `${file}.${old.thumbprint.slice(0, 8)}.old`;
  // At no time is there no key: the old one gets another name first.
  await link(file, kept);
  await rename(nextFile, file);
  const session = sessionOf(profile, stableKey, enrolment);
  await writeSession(profiles.sessionFile(profile.name), session);
  await rm(profiles.tokensFile(profile.name), { force: true });
  await profiles.save(profileAfter(profile, session, context));
  const document = {
    rotated: 'stable',
    agent: session.agent,
    ...shown(stableKey),
    replaced: profile.agent ?? null,
    old_key_file: kept,
  };
  terminal.result(document, () =>
    [
      `From now on this is ${session.agent}, with the key ${line(stableKey)}.`,
      `The old key is in ${kept}. Revoke ${profile.agent ?? 'the old agent'} at ${profile.personServer ?? 'your person server'} when nothing needs it any more.`,
    ].join('\n'),
  );
}

// One that was begun and not approved yet goes on: the person may be looking at its thumbprint.
async function nextKey(file: string, alg: 'Ed25519' | 'ES256'): Promise<SigningKey> {
  await saveSigningKey(file, await nodeKeys.generate(alg)).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'exists')) throw error;
  });
  return loadSigningKey(file);
}

function shown(key: SigningKey) {
  return { jkt: thumbprintUri(key.thumbprint), alg: key.alg };
}

function line(key: SigningKey): string {
  return `${thumbprintUri(key.thumbprint)} (${key.alg})`;
}
