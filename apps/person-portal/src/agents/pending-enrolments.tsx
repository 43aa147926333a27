import { Button, EmptyState, Item, ItemList, Meaning, RelativeTime, Said, Section, useCalmList } from '@aauth-stack/ui';
import { Hourglass } from 'lucide-react';
import type { Registration } from '../api/agents.ts';
import { Thumbprint } from '../pages/names.tsx';
import { Problem } from '../pages/problem.tsx';
import { ShowFresh } from '../pages/show-fresh.tsx';
import type { Opened } from '../pages/use-opened.ts';
import { useEnrolmentDecision } from './use-enrolment-decision.ts';

export interface PendingEnrolmentsProps {
  registrations: readonly Registration[];
  opened: Opened;
}

/** Agents that wait for the person. New ones appear at the top, and never under the pointer. */
export function PendingEnrolments({ registrations, opened }: PendingEnrolmentsProps) {
  const { lines, fresh, showFresh, hold } = useCalmList(registrations, ({ id }) => id);
  return (
    <Section
      title="Waiting for you"
      count={registrations.length}
      actions={<ShowFresh count={fresh} thing="agent" onShow={showFresh} />}
      hold={hold}
    >
      {lines.length === 0 ? (
        <EmptyState icon={Hourglass} title="No agent waits for you">
          A new one appears here when it enrols.
        </EmptyState>
      ) : (
        <ItemList label="Agents that wait for you">
          {lines.map(({ item, gone, arrived }) => (
            <PendingEnrolment
              key={item.id}
              registration={item}
              gone={gone}
              arrived={arrived}
              open={opened.id === item.id}
              onOpen={() => opened.open(item.id)}
            />
          ))}
        </ItemList>
      )}
    </Section>
  );
}

interface PendingEnrolmentProps {
  registration: Registration;
  gone: boolean;
  arrived: boolean;
  open: boolean;
  onOpen: () => void;
}

function PendingEnrolment({ registration, gone, arrived, open, onOpen }: PendingEnrolmentProps) {
  const { decide, pending, done, error } = useEnrolmentDecision(registration);
  const state =
    done === undefined ? (
      <Meaning of="challenge">wants to act for you</Meaning>
    ) : (
      <Meaning of={done === 'approve' ? 'consent' : 'refusal'}>{done === 'approve' ? 'Approved' : 'Denied'}</Meaning>
    );
  const isOver = gone || done !== undefined;
  return (
    <>
      <Item
        title={<Said>{registration.agent_name}</Said>}
        onOpen={isOver ? undefined : onOpen}
        open={open}
        gone={isOver}
        arrived={arrived}
        state={gone && done === undefined ? <Meaning of="refusal">no longer waits</Meaning> : state}
        actions={
          <>
            <Button
              look="approve"
              disabled={isOver}
              busy={pending === 'approve'}
              aria-label={`Approve ${registration.agent_name}`}
              onClick={() => decide('approve')}
            >
              Approve
            </Button>
            <Button
              look="refuse"
              disabled={isOver}
              busy={pending === 'deny'}
              aria-label={`Deny ${registration.agent_name}`}
              onClick={() => decide('deny')}
            >
              Deny
            </Button>
          </>
        }
      >
        <span>
          thumbprint <Thumbprint jkt={registration.stable_jkt} />
        </span>
        <span>
          expires <RelativeTime at={registration.expires_at} />
        </span>
      </Item>
      {error && (
        <li>
          <Problem title="Your decision was not carried out" error={error} />
        </li>
      )}
    </>
  );
}
