import { ButtonLink } from '@aauth-stack/ui';
import { ShieldQuestionMark, SquareArrowOutUpRight } from 'lucide-react';
import styles from './approval-card.module.css';

export interface ApprovalCardProps {
  /** Where the person approves. */
  url: string;
  /** Who waits. */
  agent: string;
  /** How the agent itself puts it. */
  detail?: string;
}

/** Tells the person that an agent waits for their approval, and where to give it. */
export function ApprovalCard({ url, agent, detail }: ApprovalCardProps) {
  return (
    <section className={styles.card} aria-labelledby="approval-title">
      <ShieldQuestionMark size={24} aria-hidden="true" />
      <div className={styles.words}>
        <h2 id="approval-title" className={styles.title}>
          {agent} waits for your approval
        </h2>
        <p>
          Before an agent acts for you, you approve it once, at your Person Server (<code>{new URL(url).host}</code>).
          What you start here goes on as soon as you have.
        </p>
        {detail && <p className={styles.detail}>{detail}</p>}
      </div>
      <ButtonLink look="primary" icon={SquareArrowOutUpRight} href={url} target="_blank" rel="noopener">
        Open the portal
      </ButtonLink>
    </section>
  );
}
