import {
  EmptyState,
  Fact,
  Facts,
  Identifier,
  Item,
  ItemList,
  Markdown,
  Quoted,
  RelativeTime,
  Section,
} from '@aauth-stack/ui';
import { Server } from 'lucide-react';
import type { Resource } from '../api/settings.ts';
import { whoIsLetIn } from '../pages/access-mode.ts';
import styles from '../pages/details.module.css';
import { count, hostOf, ResourceName } from '../pages/names.tsx';
import type { Opened } from '../pages/use-opened.ts';

/** Where the person's agents went. */
export function Resources({ resources, opened }: { resources: readonly Resource[]; opened: Opened }) {
  return (
    <Section title="Resources" count={resources.length} about="Where your agents asked for access.">
      {resources.length === 0 ? (
        <EmptyState icon={Server} title="No agent has asked for access anywhere">
          The resources that they do ask for stand here, with what they say of themselves.
        </EmptyState>
      ) : (
        <ItemList label="Resources">
          {resources.map((resource) => (
            <Item
              key={resource.issuer}
              title={<ResourceName issuer={resource.issuer} name={resource.name} />}
              open={opened.id === resource.issuer}
              onOpen={() => opened.open(resource.issuer)}
            >
              <code>{hostOf(resource.issuer)}</code>
              <span>{count(resource.agents, 'agent')}</span>
              <span>{count(resource.live_tokens, 'token')}</span>
              <span>
                used <RelativeTime at={resource.last_used_at} />
              </span>
            </Item>
          ))}
        </ItemList>
      )}
    </Section>
  );
}

export function ResourceDetails({ resource }: { resource: Resource }) {
  const links = [
    ['Documentation', resource.documentation_uri],
    ['Terms', resource.tos_uri],
    ['Privacy', resource.policy_uri],
  ] as const;
  const scopes = Object.entries(resource.scope_descriptions);
  return (
    <>
      {resource.description !== null && (
        <Quoted by="resource">
          <Markdown>{resource.description}</Markdown>
        </Quoted>
      )}
      <Facts>
        <Fact name="Address">
          <Identifier label="address of the resource" value={resource.issuer} />
        </Fact>
        {resource.access_mode !== null && <Fact name="Lets in">{whoIsLetIn(resource.access_mode)}</Fact>}
        <Fact name="Revocation">
          {resource.revocation_supported
            ? 'is told when you revoke a token'
            : 'cannot be told: a revoked token works there until it expires'}
        </Fact>
        <Fact name="First used">
          <RelativeTime at={resource.first_used_at} />
        </Fact>
        <Fact name="Last used">
          <RelativeTime at={resource.last_used_at} />
        </Fact>
        <Fact name="Description read">
          {resource.metadata_read_at === null ? (
            'never: it did not answer'
          ) : (
            <RelativeTime at={resource.metadata_read_at} />
          )}
        </Fact>
        {links.map(
          ([label, url]) =>
            url !== null && (
              <Fact key={label} name={label}>
                <a href={url} target="_blank" rel="noopener noreferrer">
                  at {hostOf(url)}
                </a>
              </Fact>
            ),
        )}
      </Facts>
      {scopes.length > 0 && (
        <Quoted by="resource" heading="The resource says its scopes let an agent">
          <dl className={styles.scopes}>
            {scopes.map(([scope, description]) => (
              <div key={scope}>
                <dt>
                  <code>{scope}</code>
                </dt>
                <dd>
                  <Markdown>{description}</Markdown>
                </dd>
              </div>
            ))}
          </dl>
        </Quoted>
      )}
    </>
  );
}
