import { Button, ErrorState } from '@aauth-stack/ui';
import { Play } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from 'react';
import { UnreachableError } from '../api/errors.ts';
import { StartTheStack } from '../pages/start-the-stack.tsx';
import styles from './composer.module.css';
import { defaultPrompt, examples } from './examples.ts';
import { useStartRun } from './use-start-run.ts';

/** Where a person says what the agents are to do. */
export function Composer() {
  const [prompt, setPrompt] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const ids = { field: useId(), hint: useId() };
  const start = useStartRun();
  const isCustom = prompt.trim() !== '';

  function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!start.isPending) start.mutate(isCustom ? prompt.trim() : defaultPrompt);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit();
  }

  return (
    <form className={styles.composer} onSubmit={submit} aria-label="New run">
      <div className={styles.box}>
        <label htmlFor={ids.field} className={styles.label}>
          Your request
        </label>
        <textarea
          ref={field}
          id={ids.field}
          className={styles.field}
          rows={3}
          maxLength={20_000}
          placeholder={defaultPrompt}
          aria-describedby={ids.hint}
          value={prompt}
          onChange={(event) => setPrompt(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className={styles.foot}>
          <p id={ids.hint} className={styles.hint}>
            Left empty, the grey words are sent.
          </p>
          <Button type="submit" look="primary" size="large" icon={Play} busy={start.isPending}>
            <span className={styles.action}>
              <span className={isCustom ? styles.other : undefined} aria-hidden={isCustom}>
                Optimize Laptop Supply Chain
              </span>
              <span className={isCustom ? undefined : styles.other} aria-hidden={!isCustom}>
                Run Custom Optimization
              </span>
            </span>
          </Button>
        </div>
      </div>
      <fieldset className={styles.examples}>
        <legend className={styles.legend}>Try</legend>
        {examples.map((example) => (
          <button
            key={example.label}
            type="button"
            className={styles.example}
            title={example.prompt}
            onClick={() => {
              setPrompt(example.prompt);
              field.current?.focus();
            }}
          >
            {example.label}
          </button>
        ))}
      </fieldset>
      {start.error && (
        <ErrorState title="The run could not be started">
          {start.error instanceof UnreachableError ? <StartTheStack /> : start.error.message}
        </ErrorState>
      )}
    </form>
  );
}
