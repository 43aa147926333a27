import { Choice, Markdown, Tag } from '@aauth-stack/ui';
import type { ConsentRequest } from '../api/consent.ts';
import styles from './part.module.css';
import { Part } from './part.tsx';

export interface WhatProps {
  request: ConsentRequest;
  /** The scopes that are ticked. */
  chosen: readonly string[];
  onChoose: (chosen: readonly string[]) => void;
}

const askedBecause: Readonly<Record<ConsentRequest['reason'], string>> = {
  'first-use-asks': 'you have not agreed to this before',
  'always-asks': 'your settings are to ask you every time',
  'scope-needs-person': 'one of these is yours alone to grant',
  'unnamed-scope-needs-person': 'the resource names no scope',
  'agent-asks': 'the agent wants you to be asked',
};

/** For what: each scope with the resource's own words for it, to be ticked or not. */
export function What({ request, chosen, onChoose }: WhatProps) {
  const { scopes, resource, reason } = request;
  const why = <p className={styles.hint}>You are asked because {askedBecause[reason]}.</p>;
  if (scopes.length === 0) {
    return (
      <Part title="What">
        <p>
          {request.pending_kind === 'person-token'
            ? 'To tell the resource that it acts for you. The resource learns an identifier of yours that it alone knows you by, and nothing else.'
            : 'The resource names no scopes: what this lets the agent do is the resource’s to decide.'}
        </p>
        {why}
      </Part>
    );
  }
  return (
    <Part title="What">
      <fieldset className={styles.scopes}>
        <legend className={styles.legend}>The resource says these let the agent:</legend>
        {scopes.map((scope) => (
          <Choice
            key={scope}
            type="checkbox"
            checked={chosen.includes(scope)}
            onChange={({ target }) =>
              onChoose(scopes.filter((other) => (other === scope ? target.checked : chosen.includes(other))))
            }
            label={
              <span className={styles.scope}>
                <code>{scope}</code>
                {request.needs_person_scopes.includes(scope) && <Tag>only you can grant it</Tag>}
                {request.identity_scopes.includes(scope) && <Tag>reveals who you are</Tag>}
              </span>
            }
          >
            {resource.scope_descriptions[scope] === undefined ? (
              'The resource does not describe it.'
            ) : (
              <Markdown>{resource.scope_descriptions[scope]}</Markdown>
            )}
          </Choice>
        ))}
      </fieldset>
      {why}
    </Part>
  );
}
