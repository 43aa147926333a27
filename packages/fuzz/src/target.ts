/** Something that reads what a peer has sent. */
export interface FuzzTarget {
  /**
   * Reads a text, and throws only for a fault: what a service answers with a refusal is dealt with inside, and what has been read is
   * checked there too. Bytes are given as a text of characters up to U+00FF.
   */
  readonly read: (text: string) => unknown;
  /** Texts that are read, or nearly: what is made up starts from these. */
  readonly examples: readonly string[];
  /** Words of its language, beside those of the examples. */
  readonly words?: readonly string[];
  /** Operators write it and not peers: it may take its time. */
  readonly isOurs?: boolean;
}

/** By name. A file `*.fuzz.ts` exports its own as `targets`. */
export type FuzzTargets = Readonly<Record<string, FuzzTarget>>;

/** Longer than any of them should take for a text that fits into a header or a small body, on a machine that does much else. */
export const slowMs = 1500;
