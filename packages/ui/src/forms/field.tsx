import { type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes, useId } from 'react';
import styles from './field.module.css';

interface Described {
  label: string;
  /** What belongs in it. */
  hint?: ReactNode;
  /** What is wrong with what is in it. */
  error?: string | undefined;
}

export interface TextFieldProps
  extends Described,
    Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'style' | 'id'> {}

/** One line of text to fill in. */
export function TextField({ label, hint, error, ...rest }: TextFieldProps) {
  const ids = useIds(hint, error);
  return (
    <div className={styles.field}>
      <label htmlFor={ids.input}>{label}</label>
      <input
        {...rest}
        id={ids.input}
        className={styles.input}
        aria-describedby={ids.describedBy}
        aria-invalid={error !== undefined || undefined}
      />
      <Notes ids={ids} hint={hint} error={error} />
    </div>
  );
}

export interface TextAreaProps
  extends Described,
    Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'className' | 'style' | 'id'> {}

/** Some lines of text to fill in. */
export function TextArea({ label, hint, error, ...rest }: TextAreaProps) {
  const ids = useIds(hint, error);
  return (
    <div className={styles.field}>
      <label htmlFor={ids.input}>{label}</label>
      <textarea
        rows={3}
        {...rest}
        id={ids.input}
        className={styles.input}
        aria-describedby={ids.describedBy}
        aria-invalid={error !== undefined || undefined}
      />
      <Notes ids={ids} hint={hint} error={error} />
    </div>
  );
}

type Ids = ReturnType<typeof useIds>;

function useIds(hint: ReactNode, error: string | undefined) {
  const id = useId();
  const ids = { input: id, hint: `${id}-hint`, error: `${id}-error` };
  const describedBy = [error !== undefined && ids.error, hint && ids.hint].filter(Boolean).join(' ') || undefined;
  return { ...ids, describedBy };
}

function Notes({ ids, hint, error }: { ids: Ids; hint: ReactNode; error: string | undefined }) {
  return (
    <>
      {error !== undefined && (
        <p id={ids.error} className={styles.error} role="alert">
          {error}
        </p>
      )}
      {hint && (
        <p id={ids.hint} className={styles.hint}>
          {hint}
        </p>
      )}
    </>
  );
}
