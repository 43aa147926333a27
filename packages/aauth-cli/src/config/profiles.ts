import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { z } from 'zod';
import type { Context } from '../command/context.ts';
import { usageFailure } from '../command/failure.ts';
import { identifierPolicy } from './identifiers.ts';
import { configFolder, stateFolder } from './paths.ts';
import { configurationFailure, readPrivateJson, writePrivateJson } from './private-files.ts';

/** An agent, as far as it is written down: who vouches for it, under which name, and what it is called since it was approved. */
export interface Profile {
  readonly name: string;
  readonly provider: ServerIdentifier;
  readonly agentName: string;
  /** The person server that the agent token names; unknown until the agent has one. */
  readonly personServer: ServerIdentifier | undefined;
  readonly callback: string | undefined;
  /** The agent identifier; unknown until the person has approved the agent. */
  readonly agent: string | undefined;
}

/** The profiles of one user. */
export interface Profiles {
  readonly folder: string;
  /** The one to use: `--profile`, else AAUTH_PROFILE, else the one chosen by "aauth profiles use", else `default`. */
  nameOf(asked: string | undefined): Promise<string>;
  find(name: string): Promise<Profile | undefined>;
  /** @throws CommandFailure when there is none */
  load(asked: string | undefined): Promise<Profile>;
  save(profile: Profile): Promise<void>;
  names(): Promise<readonly string[]>;
  choose(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** The file of the stable key. */
  keyFile(name: string): string;
  /** The file of the agent token and its key. */
  sessionFile(name: string): string;
  /** The file of the person and auth tokens. */
  tokensFile(name: string): string;
}

const profileSchema = z.object({
  version: z.literal(1),
  provider: z.string(),
  agent_name: z.string(),
  person_server: z.string().nullable(),
  callback: z.string().nullable(),
  agent: z.string().nullable(),
});
const choiceSchema = z.object({ version: z.literal(1), profile: z.string() });
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Where the profiles are follows from the environment; nothing is read yet. */
export function createProfiles(env: Context['env']): Profiles {
  const folder = configFolder(env);
  const policy = identifierPolicy(env);
  const choiceFile = join(folder, 'config.json');
  const folderOf = (name: string) => join(folder, 'profiles', checkName(name));
  const stateOf = (name: string) => join(stateFolder(env), checkName(name));
  const profileFile = (name: string) => join(folderOf(name), 'profile.json');

  const profiles: Profiles = {
    folder,
    async nameOf(asked) {
      const named = asked ?? (env.AAUTH_PROFILE || undefined);
      return checkName(named ?? (await readPrivateJson(choiceFile, choiceSchema))?.profile ?? 'default');
    },
    async find(name) {
      const file = profileFile(name);
      const stored = await readPrivateJson(file, profileSchema);
      return stored && readProfile(name, stored, policy, file);
    },
    async load(asked) {
      const name = await profiles.nameOf(asked);
      const profile = await profiles.find(name);
      if (profile) return profile;
      const others = await profiles.names();
      throw configurationFailure(
        `There is no profile "${name}" in ${folder}.`,
        others.length > 0
          ? `There are: ${others.join(', ')}. Name one with --profile, or make this one: aauth init --profile ${name} --provider URL`
          : 'Make one: aauth init --provider https://your-agent-provider.example',
      );
    },
    async save({ name, provider, agentName, personServer, callback, agent }) {
      await writePrivateJson(profileFile(name), {
        version: 1,
        provider,
        agent_name: agentName,
        person_server: personServer ?? null,
        callback: callback ?? null,
        agent: agent ?? null,
      });
    },
    async names() {
      const entries = await readdir(join(folder, 'profiles')).catch(() => []);
      return entries.filter((entry) => namePattern.test(entry)).sort();
    },
    choose: (name) => writePrivateJson(choiceFile, { version: 1, profile: checkName(name) }),
    async remove(name) {
      await rm(stateOf(name), { recursive: true, force: true });
      await rm(folderOf(name), { recursive: true, force: true });
    },
    keyFile: (name) => join(folderOf(name), 'stable-key.pem'),
    sessionFile: (name) => join(stateOf(name), 'session.json'),
    tokensFile: (name) => join(stateOf(name), 'tokens.json'),
  };
  return profiles;
}

function readProfile(
  name: string,
  stored: z.infer<typeof profileSchema>,
  policy: IdentifierPolicy,
  file: string,
): Profile {
  try {
    return {
      name,
      provider: parseServerIdentifier(stored.provider, policy),
      agentName: stored.agent_name,
      personServer: stored.person_server === null ? undefined : parseServerIdentifier(stored.person_server, policy),
      callback: stored.callback ?? undefined,
      agent: stored.agent ?? undefined,
    };
  } catch (error) {
    throw configurationFailure(`${file}: ${error instanceof Error ? error.message : error}`, undefined, error);
  }
}

function checkName(name: string): string {
  if (namePattern.test(name)) return name;
  throw usageFailure(`"${name}" cannot be the name of a profile: it is letters, digits, ".", "_" and "-", 64 at most.`);
}
