import { Beside, Button, EmptyState, Item, ItemList, Meaning, RelativeTime, Section, TextField } from '@aauth-stack/ui';
import { useInfiniteQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import { useSearch } from 'wouter';
import type { ActivityEntry } from '../api/activity.ts';
import { useApi } from '../api/api.ts';
import { Filter } from '../pages/filter.tsx';
import { Loaded } from '../pages/loaded.tsx';
import { PageHeader } from '../pages/page-header.tsx';
import { useDelayed } from '../pages/use-delayed.ts';
import { type Opened, useOpened } from '../pages/use-opened.ts';
import styles from './activity.module.css';
import { ActivityDetails } from './activity-details.tsx';
import { type ActivityGroup, activityGroups, groupNames } from './groups.ts';
import { activityQuery } from './queries.ts';
import { meaningOf, Sentence, wordOf } from './sentence.tsx';

const typingMilliseconds = 250;

/** Everything that was decided and issued. */
export function ActivityPage() {
  const [words, setWords] = useState(new URLSearchParams(useSearch()).get('q') ?? '');
  const [group, setGroup] = useState<ActivityGroup>('all');
  const asked = useDelayed(words.trim(), typingMilliseconds);
  const activity = useInfiniteQuery(activityQuery(useApi(), { words: asked, kinds: activityGroups[group] }));
  const opened = useOpened();
  const shown = activity.data?.find(({ id }) => id === opened.id);
  const details = shown && {
    id: shown.id,
    title: <Sentence entry={shown} />,
    onClose: opened.close,
    children: <ActivityDetails entry={shown} />,
  };
  return (
    <Beside
      details={details}
      header={
        <>
          {' '}
          <PageHeader title="Activity" about="Every decision and every token, newest first." />
          <div className={styles.search}>
            <TextField
              label="Search"
              type="search"
              placeholder="A name, an identifier, a scope…"
              autoComplete="off"
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
            <Filter label="Show" options={groupNames} chosen={group} onChoose={setGroup} />
          </div>
        </>
      }
    >
      <Loaded query={activity} what="activity">
        {(data) => (
          <Entries
            entries={data}
            searching={asked !== '' || group !== 'all'}
            opened={opened}
            more={activity.hasNextPage ? () => void activity.fetchNextPage() : undefined}
            loadingMore={activity.isFetchingNextPage}
          />
        )}
      </Loaded>
    </Beside>
  );
}

interface EntriesProps {
  entries: readonly ActivityEntry[];
  searching: boolean;
  opened: Opened;
  more: (() => void) | undefined;
  loadingMore: boolean;
}

function Entries({ entries, searching, opened, more, loadingMore }: EntriesProps) {
  if (entries.length === 0) {
    return (
      <Section title={searching ? 'Found' : 'What happened'}>
        <EmptyState icon={History} title={searching ? 'Nothing fits this search' : 'Nothing has happened yet'}>
          {searching ? 'Every word has to occur. Try fewer.' : 'Decisions and issued tokens appear here by themselves.'}
        </EmptyState>
      </Section>
    );
  }
  return (
    <Section title={searching ? 'Found' : 'What happened'}>
      <ItemList label="Activity" sentences>
        {entries.map((entry) => (
          <Item
            key={entry.id}
            title={<Sentence entry={entry} />}
            open={opened.id === entry.id}
            onOpen={() => opened.open(entry.id)}
            state={<Meaning of={meaningOf(entry)}>{wordOf(entry)}</Meaning>}
            aside={<RelativeTime at={entry.at} />}
          >
            {entry.detail}
          </Item>
        ))}
      </ItemList>
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
