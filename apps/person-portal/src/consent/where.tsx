import { Fact, Facts, Identifier, Markdown, Quoted, Said, Tag } from '@aauth-stack/ui';
import type { ConsentRequest } from '../api/consent.ts';
import { whoIsLetIn } from '../pages/access-mode.ts';
import { hostOf, ResourceName } from '../pages/names.tsx';
import styles from './part.module.css';
import { Part } from './part.tsx';

/** At which resource: its address, then what it publishes about itself. */
export function Where({
  resource,
  account,
  tenant,
  login_hint: hint,
}: Pick<ConsentRequest, 'resource' | 'account' | 'tenant' | 'login_hint'>) {
  const links = [
    ['Documentation', resource.documentation_uri],
    ['Terms', resource.tos_uri],
    ['Privacy', resource.policy_uri],
  ] as const;
  return (
    <Part title="Where" aside={resource.first_use && <Tag>new to you</Tag>}>
      <Facts>
        <Fact name="Resource">
          <ResourceName issuer={resource.issuer} name={resource.name} />
        </Fact>
        <Fact name="Address">
          <Identifier label="address of the resource" value={resource.issuer} />
        </Fact>
        {resource.access_mode !== null && <Fact name="Lets in">{whoIsLetIn(resource.access_mode)}</Fact>}
        {account !== null && <Fact name="Account">{account}</Fact>}
        {tenant !== null && <Fact name="Tenant">{tenant}</Fact>}
        {hint !== null && (
          <Fact name="Meant for">
            <Said>{hint}</Said>: if that is not you, deny
          </Fact>
        )}
      </Facts>
      {resource.metadata_read_at === null ? (
        <p className={styles.hint}>The resource does not answer now, so it cannot say what it is.</p>
      ) : (
        resource.description !== null && (
          <Quoted by="resource">
            <Markdown>{resource.description}</Markdown>
          </Quoted>
        )
      )}
      <ul className={styles.links}>
        {links.map(
          ([label, url]) =>
            url !== null && (
              <li key={label}>
                <a href={url} target="_blank" rel="noopener noreferrer">
                  {label} at {hostOf(url)}
                </a>
              </li>
            ),
        )}
      </ul>
    </Part>
  );
}
