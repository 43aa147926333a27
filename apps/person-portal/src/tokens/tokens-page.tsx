import { Beside, Button, EmptyState, ItemList, Section, useNow } from '@aauth-stack/ui';
import { useInfiniteQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useLocation, useSearch } from 'wouter';
import { useApi } from '../api/api.ts';
import type { IssuedToken } from '../api/tokens.ts';
import { Filter } from '../pages/filter.tsx';
import { Loaded } from '../pages/loaded.tsx';
import { ResourceName, tokenTypeName } from '../pages/names.tsx';
import { PageHeader } from '../pages/page-header.tsx';
import { type Opened, useOpened } from '../pages/use-opened.ts';
import { isLive, tokensQuery } from './queries.ts';
import { TokenDetails } from './token-details.tsx';
import { TokenItem } from './token-item.tsx';

/** The tokens that this server issued for the person. */
export function TokensPage() {
  const tokens = useInfiniteQuery(tokensQuery(useApi()));
  const opened = useOpened();
  const shown = tokens.data?.find(({ jti }) => jti === opened.id);
  const details = shown && {
    id: shown.jti,
    title: (
      <>
        {tokenTypeName(shown.type)} for <ResourceName issuer={shown.audience} name={shown.audience_name} />
      </>
    ),
    onClose: opened.close,
    children: <TokenDetails token={shown} />,
  };
  return (
    <Beside
      details={details}
      header={
        <PageHeader
          title="Tokens"
          about="What this server issued to your agents. A person token says whom an agent acts for; an auth token says what it may do."
        />
      }
    >
      <Loaded query={tokens} what="tokens">
        {(data) => (
          <Tokens
            tokens={data}
            opened={opened}
            more={tokens.hasNextPage ? () => void tokens.fetchNextPage() : undefined}
            loadingMore={tokens.isFetchingNextPage}
          />
        )}
      </Loaded>
    </Beside>
  );
}

interface TokensProps {
  tokens: readonly IssuedToken[];
  opened: Opened;
  more: (() => void) | undefined;
  loadingMore: boolean;
}

const states = { live: 'Live', all: 'All' } as const;

function Tokens({ tokens, opened, more, loadingMore }: TokensProps) {
  const now = useNow();
  const [path, navigate] = useLocation();
  const parameters = new URLSearchParams(useSearch());
  const agent = parameters.get('agent');
  const state = parameters.get('show') === 'all' ? 'all' : 'live';
  const ofAgent = tokens.filter(({ agent_id: id }) => agent === null || id === agent);
  const shown = ofAgent.filter((token) => state === 'all' || isLive(token, now));
  const show = (next: Record<string, string>) => navigate(`${path}?${new URLSearchParams(next)}`);
  return (
    <Section
      title="Issued tokens"
      count={shown.length}
      about={agent !== null && <>Of one agent only: {ofAgent[0]?.agent_name ?? agent}.</>}
      actions={
        <>
          {agent !== null && <Button onClick={() => show({ show: state })}>Show every agent’s</Button>}
          <Filter
            label="Show tokens that are"
            options={states}
            chosen={state}
            onChoose={(next) => show({ show: next, ...(agent !== null && { agent }) })}
          />
        </>
      }
    >
      {shown.length === 0 ? (
        <EmptyState icon={KeyRound} title={state === 'live' ? 'No token is in use' : 'No token was issued'}>
          One is issued when an agent needs access and you, or your policy, agree.
        </EmptyState>
      ) : (
        <ItemList label="Issued tokens" sentences>
          {shown.map((token) => (
            <TokenItem
              key={token.jti}
              token={token}
              live={isLive(token, now)}
              open={opened.id === token.jti}
              onOpen={() => opened.open(token.jti)}
            />
          ))}
        </ItemList>
      )}
      {more && (
        <div>
          <Button busy={loadingMore} onClick={more}>
            Show older ones
          </Button>
        </div>
      )}
    </Section>
  );
}
