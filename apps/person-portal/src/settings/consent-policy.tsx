import { Choice, Section, Tag } from '@aauth-stack/ui';
import { useId } from 'react';
import { type ConsentPolicy, consentPolicies, type Settings } from '../api/settings.ts';
import { Problem } from '../pages/problem.tsx';
import styles from './settings.module.css';
import { useSettingsChange } from './use-settings-change.ts';

const words: Readonly<Record<ConsentPolicy, { label: string; about: string }>> = {
  standing: {
    label: 'Do not ask',
    about:
      'Agents that you approved get every access that their resources offer, at once. You are asked for the scopes below only.',
  },
  'first-use': {
    label: 'Ask the first time',
    about: 'You are asked when an agent wants something at a resource that you have not agreed to before.',
  },
  always: {
    label: 'Ask every time',
    about: 'You are asked whenever an agent wants access, whatever you agreed to before.',
  },
};

/** When the person is asked. Choosing is saving. */
export function ConsentPolicySetting({ settings }: { settings: Settings }) {
  const name = useId();
  const { shown, save, error } = useSettingsChange(settings);
  return (
    <Section title="When you are asked">
      <fieldset className={styles.choices}>
        <legend className={styles.legend}>When an agent you approved wants access somewhere</legend>
        {consentPolicies.map((policy) => (
          <Choice
            key={policy}
            type="radio"
            name={name}
            checked={shown.consent_policy === policy}
            onChange={() => save({ consent_policy: policy })}
            label={
              <>
                {words[policy].label} {settings.defaults.consent_policy === policy && <Tag>default</Tag>}
              </>
            }
          >
            {words[policy].about}
          </Choice>
        ))}
      </fieldset>
      {error && <Problem title="The setting was not saved" error={error} />}
    </Section>
  );
}
