import { ArrowLeftRight, Ban, Check, Fingerprint, type LucideIcon, ShieldQuestionMark } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from '../classes.ts';
import styles from './meaning.module.css';

/** What a colour stands for, everywhere. */
export type MeaningName = 'identity' | 'challenge' | 'exchange' | 'consent' | 'refusal';

/** Each meaning has a sign too, so that nothing is told by colour alone. */
const meaningIcons: Readonly<Record<MeaningName, LucideIcon>> = {
  identity: Fingerprint,
  challenge: ShieldQuestionMark,
  exchange: ArrowLeftRight,
  consent: Check,
  refusal: Ban,
};

export interface MeaningProps {
  of: MeaningName;
  /** The word that says it. */
  children: ReactNode;
}

/** A state or a kind: colour, sign and word. */
export function Meaning({ of, children }: MeaningProps) {
  const Icon = meaningIcons[of];
  return (
    <span className={classes(styles.meaning, styles[of])}>
      <Icon size={14} strokeWidth={2.25} aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}
