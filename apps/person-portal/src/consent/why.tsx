import { Button, Markdown, Quoted, RelativeTime, TextArea } from '@aauth-stack/ui';
import { type FormEvent, useState } from 'react';
import type { ConsentRequest } from '../api/consent.ts';
import { count } from '../pages/names.tsx';
import styles from './part.module.css';
import { Part } from './part.tsx';

export interface WhyProps {
  request: ConsentRequest;
  asking: boolean;
  onAsk: (question: string) => void;
}

const longestQuestion = 1000;

/** Why: the agent's words, the questions put to it and its answers, and a place to ask another. */
export function Why({ request, asking, onAsk }: WhyProps) {
  const { justification, questions, questions_left: left, status } = request;
  return (
    <Part title="Why">
      {justification === null ? (
        <p className={styles.hint}>The agent gives no reason.</p>
      ) : (
        <Quoted by="agent">
          <Markdown>{justification}</Markdown>
        </Quoted>
      )}
      {questions.map(({ question, asked_at: asked, answer, updated_request: updated }) => (
        <div key={asked} className={styles.exchange}>
          <p className={styles.question}>
            <span className={styles.hint}>
              You asked <RelativeTime at={asked} />
            </span>
            <span>{question}</span>
          </p>
          {answer !== null && (
            <Quoted by="agent" heading="The agent answers">
              <Markdown>{answer}</Markdown>
            </Quoted>
          )}
          {updated && <p className={styles.hint}>It changed its request: read again what it asks for.</p>}
        </div>
      ))}
      {status === 'clarifying' ? (
        <p className={styles.waiting} role="status">
          The agent has your question. Its answer appears here.
        </p>
      ) : (
        left > 0 && <Ask left={left} asking={asking} onAsk={onAsk} />
      )}
    </Part>
  );
}

function Ask({ left, asking, onAsk }: { left: number; asking: boolean; onAsk: (question: string) => void }) {
  const [open, setOpen] = useState(false);
  const [question, setQuestion] = useState('');
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!asking && question.trim() !== '') onAsk(question.trim());
  }
  if (!open) {
    return (
      <div>
        <Button onClick={() => setOpen(true)}>Ask a question</Button>
      </div>
    );
  }
  return (
    <form className={styles.ask} onSubmit={submit}>
      <TextArea
        label="Your question to the agent"
        autoFocus
        required
        maxLength={longestQuestion}
        value={question}
        onChange={(event) => setQuestion(event.target.value)}
        hint={`It can answer, change its request or take it back. You can ask ${count(left, 'question')}.`}
      />
      <div className={styles.row}>
        <Button type="submit" look="primary" busy={asking}>
          Ask
        </Button>
        <Button look="quiet" onClick={() => setOpen(false)}>
          Not now
        </Button>
      </div>
    </form>
  );
}
