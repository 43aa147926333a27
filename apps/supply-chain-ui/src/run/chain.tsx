import { classes } from '@aauth-stack/ui';
import { Bot, Boxes, ChartSpline, Check, type LucideIcon, UserRound } from 'lucide-react';
import type { Progress } from '../api/runs.ts';
import styles from './chain.module.css';

type Stop = 'you' | 'backend' | 'supply-chain' | 'market-analysis';

const stops: readonly { id: Stop; name: string; icon: LucideIcon }[] = [
  { id: 'you', name: 'You', icon: UserRound },
  { id: 'backend', name: 'Backend App', icon: Bot },
  { id: 'supply-chain', name: 'Supply Chain Optimizer', icon: Boxes },
  { id: 'market-analysis', name: 'Market Analysis', icon: ChartSpline },
];

/** Who works for whom, and who is at work. */
export function Chain({ run }: { run?: Progress }) {
  const now = run && whoIsAtWork(run);
  return (
    <ol className={styles.chain} aria-label="Who works for whom">
      {stops.map(({ id, name, icon: Icon }) => (
        <li
          key={id}
          className={classes(styles.stop, now === id && (id === 'you' ? styles.asked : styles.working))}
          aria-current={now === id ? 'step' : undefined}
        >
          <span className={styles.icon}>
            {run?.status === 'completed' && id !== 'you' ? (
              <Check size={20} aria-hidden="true" />
            ) : (
              <Icon size={20} aria-hidden="true" />
            )}
          </span>
          <span className={styles.name}>{name}</span>
        </li>
      ))}
    </ol>
  );
}

function whoIsAtWork({ status, progress_percentage: percentage, current_step: step }: Progress): Stop | undefined {
  if (status === 'completed' || status === 'failed') return undefined;
  if (status === 'interaction_required' || status === 'approval_pending') return 'you';
  if (/asking the market-analysis agent/i.test(step)) return 'market-analysis';
  return percentage >= 25 && percentage < 90 ? 'supply-chain' : 'backend';
}
