/** What a run has to say, in Markdown, by the name under which the guides ask for it. */
export type Blocks = ReadonlyMap<string, string>;

/** A block whose text is not what the run said. */
export interface Difference {
  readonly block: string;
  readonly written: string;
  readonly recorded: string;
}

const markedBlock = /^<!-- run: (\S+) -->\n([\s\S]*?)^<!-- \/run -->$/gm;

/** The names of the blocks that a Markdown file asks for. */
export function blockNames(markdown: string): string[] {
  return [...markdown.matchAll(markedBlock)].map(([, name = '']) => name);
}

/**
 * Puts what runs have said between the marks `<!-- run: name -->` and `<!-- /run -->`. Blocks of runs that are not among `blocks`
 * stay as they are.
 *
 * @returns the Markdown, and what had to be changed
 */
export function fillBlocks(markdown: string, blocks: Blocks): { markdown: string; differences: Difference[] } {
  const differences: Difference[] = [];
  const filled = markdown.replaceAll(markedBlock, (whole: string, block: string, content: string) => {
    const recorded = blocks.get(block);
    if (recorded === undefined) return whole;
    const written = content.trim();
    if (written !== recorded) differences.push({ block, written, recorded });
    return `<!-- run: ${block} -->\n\n${recorded}\n\n<!-- /run -->`;
  });
  return { markdown: filled, differences };
}
