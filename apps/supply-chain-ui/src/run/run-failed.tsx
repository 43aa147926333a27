import { Button, ErrorState } from '@aauth-stack/ui';
import { RotateCcw } from 'lucide-react';
import type { Progress } from '../api/runs.ts';
import styles from './run-failed.module.css';
import { useRetryRun } from './use-start-run.ts';

export interface RunFailedProps {
  run: Progress;
}

const titles: Readonly<Record<string, string>> = {
  denied: 'You said no',
  policy_denied: 'A policy refused it',
  expired: 'Nobody decided in time',
  abandoned: 'The question was left unanswered',
  revoked: 'What the agents may do was taken back',
  cancelled: 'You stopped it',
  user_unreachable: 'You could not be asked',
  agent_not_approved: 'The agent was not approved',
  timeout: 'The agents took too long',
  unreachable: 'A server does not answer',
};

const explanations: Readonly<Record<string, string>> = {
  denied: 'The agents were refused what they asked for, and stopped. Run it again to be asked anew.',
  expired: 'The request to you ran out before you decided, and the agents stopped. Run it again to be asked anew.',
  abandoned: 'The request to you was given up, and the agents stopped. Run it again to be asked anew.',
};

/** Why a run ended without a result, and the ways on. */
export function RunFailed({ run }: RunFailedProps) {
  const again = useRetryRun();
  const code = run.error_code ?? undefined;
  return (
    <ErrorState title={(code && titles[code]) ?? 'The run failed'} code={code}>
      <p>{(code && explanations[code]) ?? run.error}</p>
      {code === 'unreachable' && <p>Is everything running? scripts/start-infra.sh starts what is not.</p>}
      {again.error && <p role="alert">It could not be started again: {again.error.message}</p>}
      <div className={styles.actions}>
        <Button icon={RotateCcw} busy={again.isPending} onClick={() => again.mutate(run.request_id)}>
          Run it again
        </Button>
      </div>
    </ErrorState>
  );
}
