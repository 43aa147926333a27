import { classes } from '@aauth-stack/ui';
import { EyeOff } from 'lucide-react';
import styles from './legend.module.css';
import type { Exchange, ExchangeMeaning } from './model/flow.ts';
import type { Filter } from './model/rows.ts';
import { meaningWords } from './words/answers.ts';
import { meaningIcons } from './words/icons.ts';

export interface LegendProps {
  exchanges: readonly Exchange[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

const meanings: readonly ExchangeMeaning[] = [
  'identity',
  'challenge',
  'exchange',
  'consent',
  'success',
  'refusal',
  'other',
];

/** What the colours mean; each can be left out, and what is left out can be shown. */
export function Legend({ exchanges, filter, onFilter }: LegendProps) {
  const main = exchanges.filter(({ discovery, polling }) => !discovery && !polling);
  const present = meanings.filter((meaning) => main.some((exchange) => exchange.meaning === meaning));
  const discovered = exchanges.filter(({ discovery }) => discovery).length;
  const polled = exchanges.filter(({ discovery, polling }) => polling && !discovery).length;

  function toggle(meaning: ExchangeMeaning) {
    const hidden = new Set(filter.hidden);
    if (!hidden.delete(meaning)) hidden.add(meaning);
    onFilter({ ...filter, hidden });
  }

  return (
    <fieldset className={styles.legend}>
      <legend className={styles.title}>Show</legend>
      {present.map((meaning) => {
        const Icon = meaningIcons[meaning];
        const count = main.filter((exchange) => exchange.meaning === meaning).length;
        return (
          <Toggle
            key={meaning}
            className={styles[meaning]}
            isOn={!filter.hidden.has(meaning)}
            about={meaningWords[meaning].about}
            onToggle={() => toggle(meaning)}
          >
            <Icon size={14} strokeWidth={2.25} aria-hidden="true" /> {meaningWords[meaning].name}
            <span className={styles.count}>{count}</span>
          </Toggle>
        );
      })}
      {discovered > 0 && (
        <Toggle
          isOn={filter.discovery}
          about="Metadata and keys being read"
          onToggle={() => onFilter({ ...filter, discovery: !filter.discovery })}
        >
          Discovery <span className={styles.count}>{discovered}</span>
        </Toggle>
      )}
      {polled > 0 && (
        <Toggle
          isOn={filter.polling}
          about="Asking again, and watching"
          onToggle={() => onFilter({ ...filter, polling: !filter.polling })}
        >
          Polling <span className={styles.count}>{polled}</span>
        </Toggle>
      )}
    </fieldset>
  );
}

interface ToggleProps {
  isOn: boolean;
  about: string;
  onToggle: () => void;
  className?: string | undefined;
  children: React.ReactNode;
}

function Toggle({ isOn, about, onToggle, className, children }: ToggleProps) {
  return (
    <button
      type="button"
      className={classes(styles.toggle, className)}
      aria-pressed={isOn}
      title={about}
      onClick={onToggle}
    >
      {!isOn && <EyeOff size={14} aria-hidden="true" />}
      {children}
    </button>
  );
}
