import { type Column, Fact, Facts, Identifier, Meaning, RelativeTime, Section, Table, Tag } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { useApi } from '../api/api.ts';
import type { ServerInfo, ServerKey } from '../api/server.ts';
import { Loaded } from '../pages/loaded.tsx';
import { Thumbprint } from '../pages/names.tsx';
import { PageHeader } from '../pages/page-header.tsx';
import { serverQuery } from './queries.ts';
import styles from './server.module.css';

/** What the Person Server publishes about itself: what resources and agents believe it by. */
export function ServerPage() {
  const info = useQuery(serverQuery(useApi()));
  return (
    <div className={styles.all}>
      <PageHeader
        title="Metadata and keys"
        about="What this server publishes about itself, and the keys that its tokens are signed with."
      />
      <Loaded query={info} what="metadata">
        {(data) => (
          <div className={styles.page}>
            <Metadata info={data} />
            <Keys info={data} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

function Metadata({ info }: { info: ServerInfo }) {
  return (
    <Section
      title="Metadata"
      about={
        <>
          Published at <a href={info.metadata_url}>{new URL(info.metadata_url).pathname}</a>
        </>
      }
    >
      <div className={styles.card}>
        <Facts>
          {Object.entries(info.metadata).map(([name, value]) => (
            <Fact key={name} name={<Name of={name} />}>
              <Value name={name} value={value} />
            </Fact>
          ))}
        </Facts>
      </div>
      <details className={styles.raw}>
        <summary>As published</summary>
        <pre className={styles.json}>{JSON.stringify(info.metadata, null, 2)}</pre>
      </details>
    </Section>
  );
}

/** Broken after an underscore, if anywhere. */
function Name({ of: name }: { of: string }) {
  return [...name.matchAll(/[^_]+_*/g)].map(({ 0: part, index: start }) => (
    <Fragment key={start}>
      {part}
      <wbr />
    </Fragment>
  ));
}

function Value({ name, value }: { name: string; value: unknown }) {
  if (typeof value === 'string') {
    return URL.canParse(value) ? <Identifier label={name} value={value} /> : <span>{value}</span>;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className={styles.none}>none</span>;
    return (
      <span className={styles.values}>
        {value.map((item) => (
          <Tag key={String(item)}>
            <code>{String(item)}</code>
          </Tag>
        ))}
      </span>
    );
  }
  return <code>{JSON.stringify(value)}</code>;
}

const columns: readonly [Column<ServerKey>, ...Column<ServerKey>[]] = [
  { name: 'Key id', cell: ({ kid }) => <code>{kid}</code> },
  { name: 'Algorithm', cell: ({ alg }) => alg },
  { name: 'Thumbprint', cell: ({ jkt }) => <Thumbprint jkt={jkt} /> },
  {
    name: 'State',
    cell: ({ state }) => (state === 'active' ? <Meaning of="identity">Signs</Meaning> : <Tag>retired</Tag>),
  },
  {
    name: 'Since',
    cell: ({ created_at: created, retired_at: retired }) => <RelativeTime at={retired ?? created} />,
  },
];

function Keys({ info }: { info: ServerInfo }) {
  return (
    <Section
      title="Keys"
      count={info.keys.length}
      about={
        <>
          Published at <a href={info.jwks_uri}>{new URL(info.jwks_uri).pathname}</a>. A retired key stays there until
          nothing that it signed is valid.
        </>
      }
    >
      <Table label="Keys" columns={columns} rows={info.keys} keyOf={({ kid }) => kid} />
      <details className={styles.raw}>
        <summary>As published</summary>
        <pre className={styles.json}>{JSON.stringify({ keys: info.keys.map((key) => key.public_jwk) }, null, 2)}</pre>
      </details>
    </Section>
  );
}
