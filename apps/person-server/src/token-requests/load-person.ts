import { PolicyError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Reconciliation } from '../agent-providers/reconciliation.ts';
import { agentOf } from '../agents/ownership.ts';
import type { Database } from '../db/database.ts';
import type { Step } from '../environment.ts';

export interface LoadPersonOptions {
  db: Database;
  /** The provider whose agents the person approves here. */
  own: ServerIdentifier;
  reconciliation: Pick<Reconciliation, 'now'>;
}

/**
 * Finds the person: whoever the upstream token was issued for, else whoever the agent belongs to. Binds nobody: the agent of another
 * trusted provider becomes the agent of whoever approves its first request, so it has to be able to send somebody here. An agent of
 * the own provider is approved before it gets its first token. 403 `user_unreachable`.
 */
export function loadPerson({ db, own, reconciliation }: LoadPersonOptions): Step {
  return async function loadPerson(c, next) {
    const { issuer, agent } = c.get('agentToken');
    const find = async () => (await agentOf(db, issuer, agent))?.personId;
    let personId = c.get('upstream')?.record.personId ?? c.get('knownAgent')?.personId;
    if (personId === undefined && issuer === own) {
      // An agent learns of its approval from the provider, which may be sooner than its answer reaches us.
      await reconciliation.now();
      personId = await find();
    }
    if (personId === undefined && (issuer === own || !c.get('tokenRequest').capabilities.includes('interaction'))) {
      throw new PolicyError(
        'user_unreachable',
        `No person has approved the agent ${agent} of ${issuer} here, and this Person Server has no way to ask one.`,
      );
    }
    c.set('personId', personId);
    await next();
  };
}
