import { type InputHTMLAttributes, type ReactNode, useId } from 'react';
import styles from './field.module.css';

export interface ChoiceProps
  extends Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'style' | 'id' | 'type' | 'children'> {
  /** `checkbox`: each for itself; `radio`: one of several with the same `name`. */
  type: 'checkbox' | 'radio';
  label: ReactNode;
  /** What choosing it means. */
  children?: ReactNode;
}

/** Something to tick. All of it can be pressed. */
export function Choice({ label, children, ...rest }: ChoiceProps) {
  const id = useId();
  return (
    <div className={styles.choice}>
      <input {...rest} id={id} className={styles.box} aria-describedby={children ? `${id}-about` : undefined} />
      <div>
        <label htmlFor={id} className={styles.choiceLabel}>
          {label}
        </label>
        {children && (
          <div id={`${id}-about`} className={styles.hint}>
            {children}
          </div>
        )}
      </div>
    </div>
  );
}
