import { formatExact, Identifier } from '@aauth-stack/ui';
import type { ReactNode } from 'react';
import type { Exchange, Flow, Token } from '../model/flow.ts';
import { numbersOf } from '../model/rows.ts';
import { explainClaim, explainTokenHeader } from '../words/claims.ts';
import { partyOf, theParty } from '../words/parties.ts';
import { aboutToken, tokenName, tokenPlace } from '../words/tokens.ts';
import { Lifetimes } from './lifetimes.tsx';
import styles from './parts.module.css';
import { SectionLink } from './section-link.tsx';

export interface TokensProps {
  flow: Flow;
  exchange: Exchange;
  onSelect: (id: string) => void;
}

/** The tokens of an exchange: what each claim is for, how long they live, and where else they are used. */
export function Tokens({ flow, exchange, onSelect }: TokensProps) {
  return (
    <div className={styles.part}>
      <Lifetimes tokens={exchange.tokens} at={Date.parse(exchange.started_at) / 1000} />
      {exchange.tokens.map((token) => (
        <TokenDetails key={keyOf(token)} flow={flow} exchange={exchange} token={token} onSelect={onSelect} />
      ))}
    </div>
  );
}

const keyOf = ({ role, parameter, type, claims }: Token) => `${role} ${parameter} ${type} ${String(claims.jti)}`;

function TokenDetails({ flow, exchange, token, onSelect }: TokensProps & { token: Token }) {
  const { type, header, claims } = token;
  const about = aboutToken(type);
  const issuer = typeof claims.iss === 'string' ? partyOf(flow, claims.iss) : undefined;
  return (
    <section className={styles.token}>
      <h3 className={styles.heading}>
        {capital(tokenName(type))} <span className={styles.place}>{tokenPlace(token)}</span>
      </h3>
      {about && (
        <p className={styles.about}>
          {about.about} <SectionLink section={about.section} />
        </p>
      )}
      {issuer && <p className={styles.about}>Issued by {theParty(issuer)}; its signature part is left out here.</p>}
      <UsedElsewhere flow={flow} exchange={exchange} token={token} onSelect={onSelect} />
      <table className={styles.claims}>
        <caption className={styles.caption}>Claims</caption>
        <tbody>
          {Object.entries(claims).map(([name, value]) => {
            const explained = explainClaim(type, name);
            return (
              <ClaimRow key={name} name={name} value={<Value flow={flow} token={token} name={name} value={value} />}>
                {explained.about} {explained.section && <SectionLink section={explained.section} />}
              </ClaimRow>
            );
          })}
        </tbody>
      </table>
      {Object.keys(header).length > 0 && (
        <table className={styles.claims}>
          <caption className={styles.caption}>Header</caption>
          <tbody>
            {Object.entries(header).map(([name, value]) => (
              <ClaimRow key={name} name={name} value={<code>{textOf(value)}</code>}>
                {explainTokenHeader(name)}
              </ClaimRow>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function ClaimRow({ name, value, children }: { name: string; value: ReactNode; children: ReactNode }) {
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
      </th>
      <td>
        <div className={styles.claim}>{value}</div>
        <p className={styles.about}>{children}</p>
      </td>
    </tr>
  );
}

interface ValueProps {
  flow: Flow;
  token: Token;
  name: string;
  value: unknown;
}

/** A claim as it stands, and what it is to people: a time, a party, whose key. */
function Value({ flow, token, name, value }: ValueProps) {
  if ((name === 'iat' || name === 'exp') && typeof value === 'number') {
    return (
      <>
        <code>{value}</code> {formatExact(new Date(value * 1000).toISOString())}
      </>
    );
  }
  if (name === 'cnf' || name === 'agent_jkt') return <BoundKey flow={flow} token={token} value={value} />;
  if (name === 'scope' && typeof value === 'string') {
    return (
      <code>
        {value.split(' ').map((scope) => (
          <span key={scope} className={styles.scope}>
            {scope}
          </span>
        ))}
      </code>
    );
  }
  const party = typeof value === 'string' ? partyOf(flow, value) : undefined;
  return (
    <>
      <code>{textOf(value)}</code>
      {party && <span className={styles.place}> {theParty(party)}</span>}
    </>
  );
}

function BoundKey({ flow, token: { jkt }, value }: Pick<ValueProps, 'flow' | 'token' | 'value'>) {
  const owner = jkt === null ? undefined : flow.keys[jkt];
  return (
    <>
      {jkt === null ? (
        <code>{textOf(value)}</code>
      ) : (
        <>
          Thumbprint <Identifier value={jkt} label="thumbprint" />
        </>
      )}
      <div className={styles.owner}>
        {owner
          ? `The key of ${theParty(owner)}: it signed with it in this run.`
          : 'Nobody signed with this key in this run.'}
      </div>
      {typeof value === 'object' && <code className={styles.value}>{textOf(value)}</code>}
    </>
  );
}

/** Where the same token is on the wire in this run, by its `jti`. */
function UsedElsewhere({ flow, exchange, token, onSelect }: TokensProps & { token: Token }) {
  const { jti } = token.claims;
  const numbers = numbersOf(flow.exchanges);
  const others = flow.exchanges.filter(
    ({ id, tokens }) => id !== exchange.id && tokens.some(({ claims }) => jti !== undefined && claims.jti === jti),
  );
  const named = flow.exchanges.filter(
    ({ id, tokens }) => id !== exchange.id && tokens.some(({ claims }) => claims.presented_jti === jti),
  );
  if (others.length === 0 && named.length === 0) return null;
  const link = (id: string, words: string) => (
    <button key={`${id} ${words}`} type="button" className={styles.jump} onClick={() => onSelect(id)}>
      {numbers.get(id)} {words}
    </button>
  );
  return (
    <p className={styles.elsewhere}>
      <span className={styles.about}>Also in </span>
      {others.map(({ id, tokens }) => {
        const there = tokens.find(({ claims }) => claims.jti === jti);
        return link(id, there ? wordsOf(there) : '');
      })}
      {named
        .filter(({ id }) => !others.some((other) => other.id === id))
        .map(({ id }) => link(id, 'named by a resource token'))}
    </p>
  );
}

function wordsOf({ role, parameter }: Token): string {
  if (role === 'body') return parameter === null ? 'in a body' : parameter.replaceAll('_', ' ');
  return role;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
