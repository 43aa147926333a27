import { Button, Section, TextField } from '@aauth-stack/ui';
import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Settings } from '../api/settings.ts';
import { Problem } from '../pages/problem.tsx';
import styles from './settings.module.css';
import { useSettingsChange } from './use-settings-change.ts';

/** The scopes that only the person grants, whatever the policy. */
export function NeedsPersonScopes({ settings }: { settings: Settings }) {
  const [added, setAdded] = useState('');
  const { shown, save, isPending, error } = useSettingsChange(settings);
  const scopes = shown.needs_person_scopes;
  const isSpaced = /\s/.test(added.trim());

  function add(event: FormEvent) {
    event.preventDefault();
    const scope = added.trim();
    if (scope === '' || isSpaced || isPending) return;
    save({ needs_person_scopes: [...scopes.filter((other) => other !== scope), scope] }, () => setAdded(''));
  }

  return (
    <Section
      title="Scopes that only you grant"
      about="When an agent asks for one of these, you are asked, whatever is chosen above."
    >
      {scopes.length === 0 ? (
        <p className={styles.none}>There are none.</p>
      ) : (
        <ul className={styles.scopes} aria-label="Scopes that only you grant">
          {scopes.map((scope) => (
            <li key={scope} className={styles.scope}>
              <code>{scope}</code>
              <button
                type="button"
                className={styles.remove}
                aria-label={`Remove ${scope}`}
                onClick={() => save({ needs_person_scopes: scopes.filter((other) => other !== scope) })}
              >
                <X size={14} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <form className={styles.add} onSubmit={add}>
        <TextField
          label="Add a scope"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder="orders:write"
          value={added}
          onChange={(event) => setAdded(event.target.value)}
          error={isSpaced ? 'A scope has no spaces in it.' : undefined}
        />
        <Button type="submit" busy={isPending}>
          Add
        </Button>
      </form>
      {error && <Problem title="The setting was not saved" error={error} />}
    </Section>
  );
}
