import { Button, Markdown } from '@aauth-stack/ui';
import { ChevronDown, ChevronUp } from 'lucide-react';
import { useId, useState } from 'react';
import styles from './agent-text.module.css';

const shortest = 500;

/** An agent's words, as it wrote them. Of a long text the beginning is shown first. */
export function AgentText({ text }: { text: string }) {
  const isLong = text.length > shortest;
  const [whole, setWhole] = useState(!isLong);
  const id = useId();
  return (
    <div className={styles.text}>
      <div id={id} className={whole ? undefined : styles.beginning} inert={!whole}>
        <Markdown headings={2}>{text}</Markdown>
      </div>
      {isLong && (
        <Button
          icon={whole ? ChevronUp : ChevronDown}
          aria-expanded={whole}
          aria-controls={id}
          onClick={() => setWhole(!whole)}
        >
          {whole ? 'Show less' : 'Show all of it'}
        </Button>
      )}
    </div>
  );
}
