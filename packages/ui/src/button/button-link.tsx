import type { LucideIcon } from 'lucide-react';
import type { AnchorHTMLAttributes, ReactNode } from 'react';
import { classes } from '../classes.ts';
import styles from './button.module.css';
import type { ButtonProps } from './button.tsx';

export interface ButtonLinkProps
  extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'className' | 'style'>,
    Pick<ButtonProps, 'look' | 'size'> {
  href: string;
  icon?: LucideIcon;
  children: ReactNode;
}

/** A link that looks like a button: it leads somewhere, where a button does something. */
export function ButtonLink({ look = 'plain', size = 'small', icon: Icon, children, ...rest }: ButtonLinkProps) {
  return (
    <a {...rest} className={classes(styles.button, styles[look], styles[size], styles.link)}>
      {Icon && <Icon size={16} aria-hidden="true" />}
      <span>{children}</span>
    </a>
  );
}
