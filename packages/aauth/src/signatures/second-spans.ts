/** Seconds of a clock, as a bounded number of spans. */
export interface SecondSpans {
  add(from: number, to: number): void;
  has(second: number): boolean;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A gap as long as this between two spans is not worth an entry of its own. Seconds. */
const negligibleGap = 60;

/**
 * Remembers seconds. What was added is never missing; of the gaps, those of a minute or less are taken for seconds too, and, when there
 * are more spans than `maxSpans`, the shortest.
 */
export function createSecondSpans(maxSpans = 16): SecondSpans {
  let spans: Span[] = [];

  return {
    add(from, to) {
      if (spans.some((span) => span.from <= from && to <= span.to)) return;
      spans = closeGaps(
        [...spans, { from, to }].sort((a, b) => a.from - b.from),
        negligibleGap,
      );
      while (spans.length > maxSpans) spans = closeGaps(spans, shortestGap(spans));
    },
    has: (second) => spans.some(({ from, to }) => from <= second && second <= to),
  };
}

function closeGaps(sorted: readonly Span[], longest: number): Span[] {
  const closed: Span[] = [];
  for (const span of sorted) {
    const last = closed.at(-1);
    if (last && span.from - last.to <= longest)
      closed[closed.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else closed.push(span);
  }
  return closed;
}

function shortestGap(sorted: readonly Span[]): number {
  return Math.min(...sorted.slice(1).map(({ from }, index) => from - (sorted[index]?.to ?? from)));
}
