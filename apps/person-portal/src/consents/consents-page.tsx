import { Beside, Button, EmptyState, Item, ItemList, Meaning, RelativeTime, Said, Section, Tag } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { Handshake } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../api/api.ts';
import type { Consent } from '../api/consent.ts';
import { Loaded } from '../pages/loaded.tsx';
import { count, ResourceName, Scopes } from '../pages/names.tsx';
import { PageHeader } from '../pages/page-header.tsx';
import { type Opened, useOpened } from '../pages/use-opened.ts';
import { ConsentDetails } from './consent-details.tsx';
import { consentsQuery } from './queries.ts';
import { WithdrawConsent } from './withdraw-consent.tsx';

/** What the person agreed to and has not taken back. */
export function ConsentsPage() {
  const consents = useQuery(consentsQuery(useApi()));
  const opened = useOpened();
  const shown = consents.data?.find(({ consent_id: id }) => id === opened.id);
  const details = shown && {
    id: shown.consent_id,
    title: (
      <>
        <Said>{shown.agent_name}</Said> at <ResourceName issuer={shown.resource} name={shown.resource_name} />
      </>
    ),
    onClose: opened.close,
    children: <ConsentDetails consent={shown} />,
  };
  return (
    <Beside
      details={details}
      header={
        <PageHeader title="Consents" about="What you agreed to, for each agent and resource, until you withdraw it." />
      }
    >
      <Loaded query={consents} what="consents">
        {(data) => <Consents consents={data} opened={opened} />}
      </Loaded>
    </Beside>
  );
}

function Consents({ consents, opened }: { consents: readonly Consent[]; opened: Opened }) {
  const [withdrawing, setWithdrawing] = useState<Consent>();
  return (
    <Section title="Consents given" count={consents.length}>
      {consents.length === 0 ? (
        <EmptyState icon={Handshake} title="You have not agreed to anything yet">
          When you approve a request, it stands here and can be withdrawn.
        </EmptyState>
      ) : (
        <ItemList label="Consents given" sentences>
          {consents.map((consent) => (
            <Item
              key={consent.consent_id}
              title={
                <>
                  <Said>{consent.agent_name}</Said> at{' '}
                  <ResourceName issuer={consent.resource} name={consent.resource_name} />
                </>
              }
              open={opened.id === consent.consent_id}
              onOpen={() => opened.open(consent.consent_id)}
              state={consent.remembered ? <Meaning of="consent">Remembered</Meaning> : <Tag>once</Tag>}
              actions={
                <Button
                  look="refuse"
                  aria-label={`Withdraw the consent for ${consent.agent_name}`}
                  onClick={() => setWithdrawing(consent)}
                >
                  Withdraw
                </Button>
              }
            >
              <Scopes scopes={consent.scopes} />
              <span>
                given <RelativeTime at={consent.given_at} />
              </span>
              <span>{count(consent.live_tokens, 'token')}</span>
            </Item>
          ))}
        </ItemList>
      )}
      {withdrawing && <WithdrawConsent consent={withdrawing} onClose={() => setWithdrawing(undefined)} />}
    </Section>
  );
}
