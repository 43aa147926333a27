import { Identifier, Said, Tag } from '@aauth-stack/ui';
import { useProviderName } from '../agents/queries.ts';
import styles from './names.module.css';

/** An agent provider: where it is, and what it calls itself. */
export function ProviderName({ issuer }: { issuer: string }) {
  const name = useProviderName(issuer);
  return (
    <span>
      <code>{hostOf(issuer)}</code>
      {name !== undefined && name !== hostOf(issuer) && (
        <>
          {' '}
          <span className={styles.said}>
            “<Said>{name}</Said>”
          </span>
        </>
      )}
    </span>
  );
}

/** A resource: what it calls itself, else where it is. */
export function ResourceName({ issuer, name }: { issuer: string; name: string | null }) {
  return name === null ? <code>{hostOf(issuer)}</code> : <Said>{name}</Said>;
}

/** A thumbprint, without the prefix that says that it is one. */
export function Thumbprint({ jkt }: { jkt: string }) {
  return <Identifier label="key thumbprint" value={jkt.replace(/^urn:jkt:sha-256:/, '')} />;
}

export function Scopes({ scopes }: { scopes: readonly string[] }) {
  if (scopes.length === 0) return <span>no scopes</span>;
  return (
    <span className={styles.scopes}>
      {scopes.map((scope) => (
        <Tag key={scope}>
          <code>{scope}</code>
        </Tag>
      ))}
    </span>
  );
}

/** The host of a URL, with its port; the text itself where it is no URL. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

const tokenTypes = { 'aa-person+jwt': 'Person token', 'aa-auth+jwt': 'Auth token' } as const;

export function tokenTypeName(type: keyof typeof tokenTypes): string {
  return tokenTypes[type];
}

/** How many of something: `1 token`, `3 tokens`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
