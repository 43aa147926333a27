import type { Clock } from '@aauth-stack/aauth/clock';
import { eq } from 'drizzle-orm';
import { recordActivity } from '../activity/record.ts';
import type { PolicyOptions } from '../consent/policy.ts';
import type { Database } from '../db/database.ts';
import { settings } from '../db/schema.ts';
import type { PersonSession } from '../session/person-session.ts';

type SettingsChange = Partial<PolicyOptions>;

/** When the person wants to be asked. Read from the database each time, so what is set holds at every replica at once. */
export interface Settings {
  /** As the deployment has it, for whoever has set nothing. */
  readonly defaults: PolicyOptions;
  policyOf(personId: string | undefined): Promise<PolicyOptions>;
  change(session: PersonSession, change: SettingsChange): Promise<PolicyOptions>;
}

export function createSettings({ db, defaults, now }: { db: Database; defaults: PolicyOptions; now: Clock }): Settings {
  const read = async (tx: Database, personId: string): Promise<PolicyOptions> => {
    const [row] = await tx.select().from(settings).where(eq(settings.personId, personId));
    return {
      policy: row?.consentPolicy ?? defaults.policy,
      needsPersonScopes: row?.needsPersonScopes ?? defaults.needsPersonScopes,
    };
  };

  return {
    defaults,
    policyOf: async (personId) => (personId === undefined ? defaults : read(db, personId)),
    change: ({ personId, via }, { policy, needsPersonScopes }) =>
      db.transaction(async (tx) => {
        await tx.insert(settings).values({ personId }).onConflictDoNothing();
        await tx.select().from(settings).where(eq(settings.personId, personId)).for('update');
        const before = await read(tx, personId);
        const change = {
          ...(policy !== undefined && { consentPolicy: policy }),
          ...(needsPersonScopes !== undefined && { needsPersonScopes: [...needsPersonScopes] }),
        };
        if (Object.keys(change).length > 0)
          await tx.update(settings).set(change).where(eq(settings.personId, personId));
        const after = await read(tx, personId);
        const detail = differences(before, after);
        if (detail) await recordActivity(tx, { kind: 'settings-changed', personId, via, at: now(), detail });
        return after;
      }),
  };
}

/** In one sentence, what changed; empty when nothing did. */
function differences(before: PolicyOptions, after: PolicyOptions): string {
  const policy = before.policy === after.policy ? [] : [`Consent policy: ${after.policy}, before ${before.policy}.`];
  const named = (scopes: readonly string[]) => (scopes.length === 0 ? 'none' : scopes.join(', '));
  const [was, is] = [named(before.needsPersonScopes), named(after.needsPersonScopes)];
  const scopes = was === is ? [] : [`Scopes that only the person grants: ${is}, before ${was}.`];
  return [...policy, ...scopes].join(' ');
}
