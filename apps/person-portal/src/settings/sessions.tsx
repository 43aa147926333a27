import { Button, type Column, Dialog, RelativeTime, Section, Table, Tag, useAnnounce } from '@aauth-stack/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api.ts';
import { endedSchema, type SessionInfo } from '../api/session.ts';
import { count } from '../pages/names.tsx';
import { Problem } from '../pages/problem.tsx';
import { useChange } from '../pages/use-change.ts';
import { endSession } from '../session/session.ts';
import { browserName } from './browser-name.ts';
import styles from './settings.module.css';

type Scope = 'others' | 'all';

/** Where the person is signed in, and a way to end that. */
export function Sessions({ sessions }: { sessions: readonly SessionInfo[] }) {
  const api = useApi();
  const [ending, setEnding] = useState<Scope>();
  const end = useChange(
    (id: string) => api.change(`/person/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    ['sessions', 'activity'],
  );
  const endOne: Column<SessionInfo> = {
    name: 'Action',
    cell: (session) =>
      session.current ? (
        <span className={styles.none}>Sign out, above</span>
      ) : (
        <Button
          aria-label={`End the session of ${browserName(session.user_agent)}`}
          busy={end.isPending && end.variables === session.id}
          onClick={() => end.mutate(session.id)}
        >
          End
        </Button>
      ),
  };
  const columns: readonly [Column<SessionInfo>, ...Column<SessionInfo>[]] = [
    {
      name: 'Browser',
      cell: ({ user_agent: agent, current }) => (
        <>
          {browserName(agent)} {current && <Tag>this one</Tag>}
        </>
      ),
    },
    { name: 'Signed in', cell: ({ opened_at: at }) => <RelativeTime at={at} /> },
    { name: 'Last seen', cell: ({ last_seen_at: at }) => (at === null ? 'not known' : <RelativeTime at={at} />) },
    { name: 'Ends', cell: ({ expires_at: at }) => <RelativeTime at={at} /> },
    ...(sessions.length > 1 ? [endOne] : []),
  ];
  return (
    <Section title="Where you are signed in" count={sessions.length}>
      <Table label="Where you are signed in" columns={columns} rows={sessions} keyOf={({ id }) => id} />
      {end.error && <Problem title="The session was not ended" error={end.error} />}
      <div className={styles.end}>
        {sessions.length > 1 && <Button onClick={() => setEnding('others')}>End all others</Button>}
        <Button look="refuse" onClick={() => setEnding('all')}>
          End everywhere
        </Button>
      </div>
      {ending && <EndSessions scope={ending} onClose={() => setEnding(undefined)} />}
    </Section>
  );
}

function EndSessions({ scope, onClose }: { scope: Scope; onClose: () => void }) {
  const api = useApi();
  const client = useQueryClient();
  const announce = useAnnounce();
  const end = useChange(async () => {
    const { ended } = await api.changeAndRead('/person/sessions/end', { method: 'POST', body: { scope } }, endedSchema);
    announce(`${count(ended, 'session')} ended.`);
    onClose();
    if (scope === 'all') endSession(client);
  }, ['sessions', 'activity']);
  return (
    <Dialog
      title={scope === 'all' ? 'End your sessions everywhere?' : 'End all other sessions?'}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep them</Button>
          <Button look="refuse" busy={end.isPending} onClick={() => end.mutate(undefined)}>
            {scope === 'all' ? 'End everywhere' : 'End all others'}
          </Button>
        </>
      }
    >
      <p>
        {scope === 'all'
          ? 'Every browser has to sign in again with the portal token, this one too. Your agents are not affected.'
          : 'Every other browser has to sign in again with the portal token. Your agents are not affected.'}
      </p>
      {end.error && <Problem title="The sessions were not ended" error={end.error} />}
    </Dialog>
  );
}
