import { Meaning, type MeaningName, Tabs, Tag } from '@aauth-stack/ui';
import { ArrowLeft, ArrowRight, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { Exchange, ExchangeMeaning, Flow } from '../model/flow.ts';
import { meaningWords } from '../words/answers.ts';
import { partyName } from '../words/parties.ts';
import { Headers } from './headers.tsx';
import styles from './sheet.module.css';
import { SignatureDetails } from './signature-details.tsx';
import { Tokens } from './tokens.tsx';
import { WhatHappened } from './what-happened.tsx';

export interface SheetProps {
  flow: Flow;
  exchange: Exchange;
  number: string;
  /** Ids of what comes before and after in the drawing. */
  previous: string | undefined;
  next: string | undefined;
  onSelect: (id: string | undefined) => void;
}

type Part = 'story' | 'headers' | 'signature' | 'tokens';

/** As in flow-view.module.css. */
const covering = '(max-width: 999px)';

/** Everything about one exchange. */
export function Sheet({ flow, exchange, number, previous, next, onSelect }: SheetProps) {
  const [part, setPart] = useState<Part>('story');
  const panel = useRef<HTMLElement>(null);
  const titleId = useId();
  const { id, from, to, signature, tokens } = exchange;
  const parts = [
    { id: 'story', label: 'What happened' },
    { id: 'headers', label: 'Headers' },
    ...(signature ? [{ id: 'signature', label: 'Signature' } as const] : []),
    ...(tokens.length > 0
      ? [{ id: 'tokens', label: tokens.length > 1 ? `Tokens (${tokens.length})` : 'Token' } as const]
      : []),
  ] as const;
  const shown = parts.some((one) => one.id === part) ? part : 'story';

  useEffect(() => {
    // Where it covers the drawing, whoever uses a keyboard has to be in it.
    const opener = document.activeElement;
    if (!(opener instanceof HTMLElement) || !matchMedia(covering).matches) return;
    panel.current?.focus();
    return () => opener.focus();
  }, []);

  useEffect(() => {
    // Every exchange is read from its top.
    if (id !== '') panel.current?.parentElement?.scrollTo(0, 0);
  }, [id]);

  return (
    <section
      ref={panel}
      className={styles.sheet}
      aria-labelledby={titleId}
      tabIndex={-1}
      onKeyDown={(event) => event.key === 'Escape' && onSelect(undefined)}
    >
      <header className={styles.header}>
        <h2 id={titleId} className={styles.title}>
          <span className={styles.number}>{number}</span> {partyName(from)} → {partyName(to)}
        </h2>
        <div className={styles.buttons}>
          <IconButton label="Previous exchange" onClick={() => onSelect(previous)} isDisabled={previous === undefined}>
            <ArrowLeft size={18} aria-hidden="true" />
          </IconButton>
          <IconButton label="Next exchange" onClick={() => onSelect(next)} isDisabled={next === undefined}>
            <ArrowRight size={18} aria-hidden="true" />
          </IconButton>
          <IconButton label="Close the details" onClick={() => onSelect(undefined)}>
            <X size={20} aria-hidden="true" />
          </IconButton>
        </div>
        <MeaningMark meaning={exchange.meaning} />
      </header>
      <Tabs label="About this exchange" tabs={parts} chosen={shown} onChoose={setPart}>
        {shown === 'story' && <WhatHappened flow={flow} exchange={exchange} />}
        {shown === 'headers' && <Headers exchange={exchange} />}
        {shown === 'signature' && signature && (
          <SignatureDetails flow={flow} exchange={exchange} signature={signature} />
        )}
        {shown === 'tokens' && <Tokens flow={flow} exchange={exchange} onSelect={onSelect} />}
      </Tabs>
    </section>
  );
}

function MeaningMark({ meaning }: { meaning: ExchangeMeaning }) {
  const { name, about } = meaningWords[meaning];
  return (
    <p className={styles.meaning}>
      {isCommon(meaning) ? <Meaning of={meaning}>{name}</Meaning> : <Tag>{name}</Tag>}
      <span>{about}</span>
    </p>
  );
}

function isCommon(meaning: ExchangeMeaning): meaning is MeaningName {
  return meaning !== 'success' && meaning !== 'other';
}

interface IconButtonProps {
  label: string;
  onClick: () => void;
  isDisabled?: boolean;
  children: React.ReactNode;
}

function IconButton({ label, onClick, isDisabled = false, children }: IconButtonProps) {
  return (
    <button
      type="button"
      className={styles.button}
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
