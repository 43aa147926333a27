import { Fact, Facts, Identifier, Tag } from '@aauth-stack/ui';
import type { Exchange, Flow } from '../model/flow.ts';
import { scopesIn } from '../words/answers.ts';
import { decisionWords, tookWords } from '../words/facts.ts';
import { nameOf, storyOf } from '../words/story.ts';
import styles from './parts.module.css';
import { SectionLink } from './section-link.tsx';

/** One plain sentence, why the protocol does this, and the facts. */
export function WhatHappened({ flow, exchange }: { flow: Flow; exchange: Exchange }) {
  const { what, why, section } = storyOf(exchange, flow);
  const { method, url, call, status, requirement, decision, problem } = exchange;
  const scopes = scopesIn(exchange);
  return (
    <div className={styles.part}>
      <p className={styles.what}>{what}</p>
      <p>
        <strong>Why. </strong>
        {why} {section && <SectionLink section={section} />}
      </p>
      <Facts>
        <Fact name="Request">
          <code className={styles.code}>
            {method} {url}
          </code>
        </Fact>
        {call && (
          <Fact name="Calls">
            <code>{call}</code>
          </Fact>
        )}
        <Fact name="Answer">{status === null ? 'none' : String(status)}</Fact>
        <Fact name="Took">{tookWords(exchange, flow)}</Fact>
        {scopes.length > 0 && (
          <Fact name="Scopes">
            {scopes.map((scope) => (
              <Tag key={scope}>{scope}</Tag>
            ))}
          </Fact>
        )}
        {requirement && (
          <Fact name="Requires">
            <code>{requirement.name}</code>
            {Object.entries(requirement.parameters).map(([name, value]) => (
              <div key={name}>
                {name}: <Identifier value={value} label={name} />
              </div>
            ))}
            {requirement.name === 'interaction' && (
              <p className={styles.about}>The code is for the person alone and is not shown here.</p>
            )}
          </Fact>
        )}
        {decision?.reason && <Fact name="Decided">{decisionWords(decision.result, decision.reason)}</Fact>}
        {decision?.resource && <Fact name="At resource">{nameOf(flow, decision.resource)}</Fact>}
        {problem?.code && (
          <Fact name="Problem">
            <code>{problem.code}</code>
            {problem.detail && <p className={styles.about}>{problem.detail}</p>}
          </Fact>
        )}
      </Facts>
    </div>
  );
}
