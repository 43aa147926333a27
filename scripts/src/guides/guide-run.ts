import type { Blocks } from './marked-blocks.ts';

/** Something that happened, or was read, and what the guides show of it. */
export interface GuideRun {
  /** The first part of its blocks' names. */
  readonly name: string;
  /** What this machine lacks for it. */
  missing?(): string | undefined;
  /** The blocks by the second part of their names. */
  record(): Promise<Blocks>;
}

/** Collects what a run has to say. Values that vary are replaced in the order in which blocks are added. */
export function createBlocks(normalise: (text: string) => string): {
  add(name: string, markdown: string): void;
  blocks: Blocks;
} {
  const blocks = new Map<string, string>();
  return { add: (name, markdown) => blocks.set(name, normalise(markdown)), blocks };
}
