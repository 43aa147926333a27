import { join } from 'node:path';
import type { Check } from '../checks/check.ts';
import type { Context } from '../command/context.ts';
import { showFailure } from '../command/failure.ts';
import { stateFolder } from '../config/paths.ts';
import { findExposure } from '../config/private-files.ts';
import type { Profile, Profiles } from '../config/profiles.ts';

/** What can be wrong on this side: Node.js, and who may read the files of the profile. */
export async function checkMachine(
  profiles: Profiles,
  name: string,
  { env }: Pick<Context, 'env'>,
): Promise<{ readonly checks: Check[]; readonly profile: Profile | undefined }> {
  const checks: Check[] = [checkNode(process.versions.node)];
  const state = stateFolder(env);
  const paths: readonly (readonly [string, 'file' | 'folder'])[] = [
    [profiles.folder, 'folder'],
    [join(profiles.folder, 'profiles', name), 'folder'],
    [profiles.keyFile(name), 'file'],
    [join(profiles.folder, 'profiles', name, 'profile.json'), 'file'],
    [join(state, name), 'folder'],
    [profiles.sessionFile(name), 'file'],
  ];
  const exposures = await Promise.all(paths.map(([path, owner]) => findExposure(path, owner)));
  for (const exposure of exposures) {
    if (exposure) checks.push({ check: 'files', result: 'fail', detail: exposure.message, hint: exposure.hint });
  }
  try {
    const profile = await profiles.find(name);
    checks.push(
      profile
        ? {
            check: 'profile',
            result: 'pass',
            detail: `"${name}" is ${profile.agent ?? 'not approved yet'} at ${profile.provider}`,
          }
        : { check: 'profile', result: 'skip', detail: `There is no profile "${name}"; "aauth init" makes one.` },
    );
    return { checks, profile };
  } catch (error) {
    const { detail, hint } = showFailure(error);
    if (!exposures.some(Boolean)) checks.push({ check: 'profile', result: 'fail', detail, hint });
    return { checks, profile: undefined };
  }
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > 22 || (major === 22 && minor >= 19);
  return isEnough
    ? { check: 'node', result: 'pass', detail: `Node.js ${version}` }
    : { check: 'node', result: 'fail', detail: `Node.js ${version} is too old.`, hint: 'Install 22.19 or later.' };
}
