import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { classes } from '../classes.ts';
import styles from './button.module.css';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'style'> {
  /** `approve` and `refuse` carry the colours of consent and refusal; `quiet` has no border. */
  look?: 'plain' | 'primary' | 'approve' | 'refuse' | 'quiet';
  size?: 'small' | 'large';
  icon?: LucideIcon;
  /** Something is under way that this button began: it stays in place and takes no second press. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
  /** A verb. */
  children: ReactNode;
}

/** A button. While `busy` or `disabled` it takes no press but keeps the focus, which the browser's own `disabled` would take away. */
export function Button(props: ButtonProps) {
  const {
    look = 'plain',
    size = 'small',
    icon: Icon,
    busy = false,
    disabled = false,
    children,
    onClick,
    ...rest
  } = props;
  const isOff = busy || disabled;
  return (
    <button
      type="button"
      {...rest}
      className={classes(styles.button, disabled ? styles.off : styles[look], styles[size])}
      aria-disabled={isOff || undefined}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : Icon && <Icon size={16} aria-hidden="true" />}
      <span>{children}</span>
    </button>
  );
}
