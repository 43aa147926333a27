import { Button, ErrorState } from '@aauth-stack/ui';
import { RefusedError } from '../api/errors.ts';

export interface ProblemProps {
  /** What did not work. */
  title: string;
  error: Error;
  onRetry?: () => void;
}

/** Something that the Person Server refused, or that did not reach it. */
export function Problem({ title, error, onRetry }: ProblemProps) {
  const code = error instanceof RefusedError ? error.code : undefined;
  const wait = error instanceof RefusedError ? error.retryAfter : undefined;
  return (
    <ErrorState title={title} code={code} action={onRetry && <Button onClick={onRetry}>Try again</Button>}>
      {error.message}
      {wait !== undefined && !error.message.includes('second') && ` Try again in ${wait} seconds.`}
    </ErrorState>
  );
}
