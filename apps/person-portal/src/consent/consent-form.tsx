import { Button, Choice, ErrorState, Said, useAnnounce } from '@aauth-stack/ui';
import { useState } from 'react';
import type { ConsentRequest } from '../api/consent.ts';
import { RefusedError } from '../api/errors.ts';
import { hostOf, ResourceName } from '../pages/names.tsx';
import { Problem } from '../pages/problem.tsx';
import { useConsentDecision } from '../requests/queries.ts';
import styles from './consent-form.module.css';
import { Until } from './until.tsx';
import { What } from './what.tsx';
import { Where } from './where.tsx';
import { Who } from './who.tsx';
import { Why } from './why.tsx';

export interface ConsentFormProps {
  request: ConsentRequest;
  onDecided: (after: ConsentRequest) => void;
}

/** The whole question: who, where, what, why, until when; then the decision. */
export function ConsentForm({ request, onDecided }: ConsentFormProps) {
  const announce = useAnnounce();
  // What the agent adds while the person reads is not granted by a tick that was there before.
  const [ticked, setTicked] = useState<readonly string[]>(request.scopes);
  const [remember, setRemember] = useState(false);
  const decision = useConsentDecision(request, (after) => {
    if (after.status === 'approved' || after.status === 'denied') onDecided(after);
    else announce('The agent has your question.');
  });
  const chosen = request.scopes.filter((scope) => ticked.includes(scope));
  const { isPending, variables } = decision;
  const asking = isPending && 'clarification_question' in variables;
  const deciding = isPending && 'approved' in variables ? variables.approved : undefined;
  const decide = (approved: boolean) => {
    if (isPending) return;
    // Where no scopes are asked for, there are none to choose among.
    const scopes = request.scopes.length > 0 ? chosen : undefined;
    decision.mutate(approved ? { approved, scopes, remember } : { approved });
  };
  return (
    <div className={styles.form}>
      <Compare code={request.code} />
      <Who {...request} />
      <Where {...request} />
      <What request={request} chosen={chosen} onChoose={setTicked} />
      <Why
        key={request.questions.length}
        request={request}
        asking={asking}
        onAsk={(question) => !isPending && decision.mutate({ clarification_question: question })}
      />
      <Until request={request} />
      {request.can_remember && (
        <Choice
          type="checkbox"
          label="Do not ask me again"
          checked={remember}
          onChange={({ target }) => setRemember(target.checked)}
        >
          for this agent, this resource and {request.scopes.length === 0 ? 'this' : 'these scopes'}, until you withdraw
          it.
        </Choice>
      )}
      {decision.error && <NotDecided error={decision.error} />}
      {request.interaction?.state === 'needed' ? (
        <ResourceFirst
          request={request}
          url={request.interaction.url}
          deciding={deciding}
          onDeny={() => decide(false)}
        />
      ) : (
        <footer className={styles.decision}>
          <Button look="refuse" size="large" busy={deciding === false} onClick={() => decide(false)}>
            Deny
          </Button>
          <Button
            look="approve"
            size="large"
            busy={deciding === true}
            disabled={request.scopes.length > 0 && chosen.length === 0}
            onClick={() => decide(true)}
          >
            {chosen.length < request.scopes.length && chosen.length > 0
              ? `Approve ${chosen.length} of ${request.scopes.length}`
              : 'Approve'}
          </Button>
        </footer>
      )}
    </div>
  );
}

/** The code, to be compared with the one where the person came from. */
function Compare({ code }: { code: string }) {
  return (
    <div className={styles.compare}>
      <p>The agent shows you this code. If it shows another, or none, deny.</p>
      <p className={styles.code}>
        <code>{code}</code>
      </p>
    </div>
  );
}

interface ResourceFirstProps {
  request: ConsentRequest;
  url: string;
  deciding: boolean | undefined;
  onDeny: () => void;
}

/** The resource asks something of the person itself before the Person Server does. */
function ResourceFirst({ request, url, deciding, onDeny }: ResourceFirstProps) {
  const { name, issuer } = request.resource;
  return (
    <>
      <p>
        First, <ResourceName issuer={issuer} name={name} /> asks something of you itself, on its own page. You come back
        here to decide.
      </p>
      <footer className={styles.decision}>
        <Button look="refuse" size="large" busy={deciding === false} onClick={onDeny}>
          Deny
        </Button>
        <a className={styles.onward} href={url}>
          Continue at <Said>{hostOf(url)}</Said>
        </a>
      </footer>
    </>
  );
}

function NotDecided({ error }: { error: Error }) {
  if (error instanceof RefusedError && error.code === 'already_decided') {
    return (
      <ErrorState title="This was decided somewhere else a moment ago" code={error.code}>
        Your choice here was not counted. {error.message}
      </ErrorState>
    );
  }
  return <Problem title="Your decision was not counted" error={error} />;
}
