import { Check, Copy } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { classes } from '../classes.ts';
import { useAnnounce } from '../live/announcer.tsx';
import { visibleText } from '../text/visible-text.ts';
import styles from './identifier.module.css';
import { shorten } from './shorten.ts';

export interface IdentifierProps {
  /** The whole identifier. */
  value: string;
  /** What it is, for whoever cannot see the place it stands in: "agent identifier", "thumbprint". */
  label: string;
}

const copiedMilliseconds = 2000;
const margin = 8;

/** An identifier, shortened in the middle. The whole of it shows on hover and on focus, and is what a press copies. */
export function Identifier({ value, label }: IdentifierProps) {
  const [open, setOpen] = useState(false);
  const [copied, setCopied] = useState(false);
  const announce = useAnnounce();
  const wholeId = useId();
  const { start, end } = shorten(value);
  const shown = end === '' ? start : `${start}…${end}`;
  const showsWhole = open && end !== '';

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), copiedMilliseconds);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      announce(`Copied the ${label}.`);
    } catch {
      setOpen(true);
      announce(`The browser did not let this page copy. Select the ${label} and copy it.`);
    }
  }

  return (
    <span className={styles.identifier} onPointerEnter={() => setOpen(true)} onPointerLeave={() => setOpen(false)}>
      <button
        type="button"
        className={styles.value}
        aria-label={`${shown}: copy the ${label}`}
        aria-describedby={showsWhole ? wholeId : undefined}
        onClick={copy}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
      >
        <code>
          {start}
          {end !== '' && <span className={styles.gap}>…</span>}
          {end}
        </code>
        {copied ? (
          <Check className={classes(styles.icon, styles.copied)} size={14} aria-hidden="true" />
        ) : (
          <Copy className={styles.icon} size={14} aria-hidden="true" />
        )}
      </button>
      {showsWhole && <Whole id={wholeId} text={visibleText(value)} />}
    </span>
  );
}

function Whole({ id, text }: { id: string; text: string }) {
  const bubble = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const element = bubble.current;
    const anchor = element?.parentElement;
    if (!element || !anchor) return;
    const place = anchor.getBoundingClientRect();
    const { width, height } = element.getBoundingClientRect();
    const left = Math.max(margin, Math.min(place.left, document.documentElement.clientWidth - width - margin));
    const below = place.bottom + height + margin <= window.innerHeight;
    element.style.left = `${left}px`;
    element.style.top = `${below ? place.bottom : place.top - height}px`;
  }, []);
  return (
    <span id={id} ref={bubble} role="tooltip" className={styles.whole}>
      <code>{text}</code>
    </span>
  );
}
