import { visibleText } from './visible-text.ts';

export interface SaidProps {
  /** What a party calls itself. */
  children: string;
}

/** A name that somebody gave themselves: unable to change the direction of the text around it, or to hide in it. */
export function Said({ children }: SaidProps) {
  return <bdi>{visibleText(children)}</bdi>;
}
