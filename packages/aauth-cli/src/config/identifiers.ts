import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { Context } from '../command/context.ts';

/** Which identifiers are acceptable: those of this machine too, unless this is production or the environment says otherwise. */
export function identifierPolicy(env: Context['env']): IdentifierPolicy {
  const setting = env.AAUTH_ALLOW_LOOPBACK;
  if (setting === undefined || setting === '') return { allowLoopback: env.NODE_ENV !== 'production' };
  return { allowLoopback: !['0', 'false', 'off', 'no'].includes(setting.toLowerCase()) };
}
