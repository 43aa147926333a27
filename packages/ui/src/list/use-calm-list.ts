import { type FocusEvent, useRef, useState } from 'react';

/** One line of a calm list. */
export interface CalmLine<T> {
  item: T;
  /** It is no longer in the list; the line stays until the person turns away from it. */
  gone: boolean;
  /** It came while the page was open. */
  arrived: boolean;
}

export interface CalmList<T> {
  lines: readonly CalmLine<T>[];
  /** How many have come that are not shown yet. */
  fresh: number;
  /** Shows what has come. */
  showFresh: () => void;
  /** For the element that holds the lines, and what belongs to them. */
  hold: {
    onPointerOver: () => void;
    onPointerLeave: () => void;
    onFocus: (event: FocusEvent) => void;
    onBlur: (event: FocusEvent) => void;
  };
}

/**
 * A list that changes by itself, and never under the pointer or the keyboard's focus: while either is on it, new lines wait and old
 * ones stay where they are.
 */
export function useCalmList<T>(items: readonly T[], keyOf: (item: T) => string): CalmList<T> {
  const [frozen, setFrozen] = useState<readonly T[]>();
  const [known] = useState(() => new Set(items.map(keyOf)));
  const on = useRef({ pointer: false, focus: false });

  const current = new Map(items.map((item) => [keyOf(item), item]));
  const shownKeys = frozen && new Set(frozen.map(keyOf));
  const lines = (frozen ?? items).map((item) => {
    const key = keyOf(item);
    return { item: current.get(key) ?? item, gone: !current.has(key), arrived: !known.has(key) };
  });

  function change(by: Partial<typeof on.current>) {
    Object.assign(on.current, by);
    const isHeld = items.length > 0 && (on.current.pointer || on.current.focus);
    setFrozen((before) => (isHeld ? (before ?? items) : undefined));
  }

  return {
    lines,
    fresh: shownKeys ? items.filter((item) => !shownKeys.has(keyOf(item))).length : 0,
    showFresh: () => setFrozen((before) => before && items),
    hold: {
      onPointerOver: () => change({ pointer: true }),
      onPointerLeave: () => change({ pointer: false }),
      // A press leaves the focus on a button; only a focus that shows means that somebody is there.
      onFocus: (event) => change({ focus: event.target.matches(':focus-visible') }),
      onBlur: (event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) change({ focus: false });
      },
    },
  };
}
