import {
  Beside,
  type DetailsProps,
  EmptyState,
  Item,
  ItemList,
  Meaning,
  RelativeTime,
  Said,
  Section,
  useCalmList,
} from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../api/api.ts';
import type { ConsentRequest } from '../api/consent.ts';
import { ConsentForm } from '../consent/consent-form.tsx';
import { Ended } from '../consent/ended.tsx';
import { Question } from '../consent/question.tsx';
import { Loaded } from '../pages/loaded.tsx';
import { ResourceName, Scopes } from '../pages/names.tsx';
import { PageHeader } from '../pages/page-header.tsx';
import { ShowFresh } from '../pages/show-fresh.tsx';
import { type Opened, useOpened } from '../pages/use-opened.ts';
import { requestsQuery } from './queries.ts';

/** What agents ask of the person now. */
export function RequestsPage() {
  const requests = useQuery(requestsQuery(useApi()));
  const opened = useOpened();
  const details = useDetails(opened, requests.data);
  return (
    <Beside
      details={details}
      header={
        <PageHeader
          title="Requests"
          about="What agents ask of you now. Each waits for your decision until it expires."
          waiting={requests.data?.length}
        />
      }
    >
      <Loaded query={requests} what="requests">
        {(data) => <Requests requests={data} opened={opened} />}
      </Loaded>
    </Beside>
  );
}

function useDetails({ id, close }: Opened, requests: readonly ConsentRequest[] | undefined): DetailsProps | undefined {
  const [decided, setDecided] = useState<ConsentRequest>();
  // The one that was open stays open when it leaves the list, so that the person learns what became of it.
  const [last, setLast] = useState<ConsentRequest>();
  const current = requests?.find((request) => request.pending_id === id);
  if (current && current !== last) setLast(current);
  if (id === undefined) return undefined;
  if (decided?.pending_id === id) {
    return {
      id: `${id} decided`,
      title: 'Decided',
      onClose: close,
      children: <Ended request={decided} here={false} />,
    };
  }
  const request = current ?? (last?.pending_id === id ? last : undefined);
  if (!request) return undefined;
  const children = current ? (
    <ConsentForm request={current} onDecided={setDecided} />
  ) : (
    <p>This request no longer waits: it was decided elsewhere, taken back by the agent, or has expired.</p>
  );
  return { id, title: <Question request={request} />, onClose: close, children };
}

function Requests({ requests, opened }: { requests: readonly ConsentRequest[]; opened: Opened }) {
  const { lines, fresh, showFresh, hold } = useCalmList(requests, ({ pending_id: id }) => id);
  return (
    <Section
      title="Waiting for you"
      count={requests.length}
      actions={<ShowFresh count={fresh} thing="request" onShow={showFresh} />}
      hold={hold}
    >
      {lines.length === 0 ? (
        <EmptyState icon={Inbox} title="No agent asks you anything">
          When one does, its request appears here by itself.
        </EmptyState>
      ) : (
        <ItemList label="Requests that wait for you">
          {lines.map(({ item, gone, arrived }) => (
            <Item
              key={item.pending_id}
              title={<Said>{item.agent.agent_name}</Said>}
              open={opened.id === item.pending_id}
              onOpen={gone ? undefined : () => opened.open(item.pending_id)}
              gone={gone}
              arrived={arrived}
              state={<State request={item} gone={gone} />}
            >
              <span>
                at <ResourceName issuer={item.resource.issuer} name={item.resource.name} />
              </span>
              {item.scopes.length > 0 && <Scopes scopes={item.scopes} />}
              <span>
                code <code>{item.code}</code>
              </span>
              <span>
                expires <RelativeTime at={item.expires_at} />
              </span>
            </Item>
          ))}
        </ItemList>
      )}
    </Section>
  );
}

function State({ request, gone }: { request: ConsentRequest; gone: boolean }) {
  if (gone) return <span>no longer waits</span>;
  if (request.status === 'clarifying') return <Meaning of="exchange">answers your question</Meaning>;
  return <Meaning of="challenge">asks you</Meaning>;
}
