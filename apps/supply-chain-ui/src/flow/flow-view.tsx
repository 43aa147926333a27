import { classes, EmptyState } from '@aauth-stack/ui';
import { Filter as FilterIcon } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { Drawing } from './drawing/drawing.tsx';
import styles from './flow-view.module.css';
import { Legend } from './legend.tsx';
import type { Flow } from './model/flow.ts';
import { everythingThatMatters, type Filter, isShown, rowsOf } from './model/rows.ts';
import { Sheet } from './sheet/sheet.tsx';

export interface FlowViewProps {
  flow: Flow;
  /** The exchange that is looked at. */
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
  /** Beside the legend. */
  actions?: ReactNode;
}

/** The drawing of a run, and beside it whatever is to be known of one exchange. */
export function FlowView({ flow, selected, onSelect, actions }: FlowViewProps) {
  const [chosen, setFilter] = useState(everythingThatMatters);
  const exchange = flow.exchanges.find(({ id }) => id === selected);
  const filter = useMemo(() => showing(chosen, exchange), [chosen, exchange]);
  const rows = useMemo(() => rowsOf(flow, filter), [flow, filter]);
  const shown = rows.flatMap((row) => (row.kind === 'exchange' ? [row] : []));
  const at = shown.findIndex((row) => row.exchange.id === selected);
  const row = shown[at];
  return (
    <div className={styles.flow}>
      <div className={styles.bar}>
        <Legend exchanges={flow.exchanges} filter={filter} onFilter={setFilter} />
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      <div className={classes(styles.body, row && styles.withSheet)}>
        {shown.length > 0 ? (
          <Drawing flow={flow} rows={rows} selected={selected} onSelect={onSelect} />
        ) : (
          <EmptyState icon={FilterIcon} title="Everything is hidden">
            Press one of the words above to show it again.
          </EmptyState>
        )}
        {row && (
          <div className={styles.sheet}>
            <Sheet
              flow={flow}
              exchange={row.exchange}
              number={row.number}
              previous={shown[at - 1]?.exchange.id}
              next={shown[at + 1]?.exchange.id}
              onSelect={onSelect}
            />
          </div>
        )}
      </div>
    </div>
  );
}

/** What is looked at is shown, whatever is hidden: a link may lead to it. */
function showing(filter: Filter, exchange: Flow['exchanges'][number] | undefined): Filter {
  if (!exchange || isShown(exchange, filter)) return filter;
  const hidden = new Set(filter.hidden);
  hidden.delete(exchange.meaning);
  return {
    hidden,
    discovery: filter.discovery || exchange.discovery,
    polling: filter.polling || (exchange.polling && !exchange.discovery),
  };
}
