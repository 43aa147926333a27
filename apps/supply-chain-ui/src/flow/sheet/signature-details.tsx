import { Fact, Facts, formatExact, Identifier } from '@aauth-stack/ui';
import { BadgeCheck, CircleHelp, ShieldX } from 'lucide-react';
import type { Exchange, Flow, Signature } from '../model/flow.ts';
import { explainComponent } from '../words/headers.ts';
import { partyName, theParty } from '../words/parties.ts';
import { sections } from '../words/sections.ts';
import styles from './parts.module.css';
import { SectionLink } from './section-link.tsx';

export interface SignatureDetailsProps {
  flow: Flow;
  exchange: Exchange;
  signature: Signature;
}

/** What was signed, with which key, and what the receiver made of it. */
export function SignatureDetails({ flow, exchange, signature }: SignatureDetailsProps) {
  const { scheme, components, created, base, algorithm, jkt } = signature;
  const owner = jkt === null ? undefined : flow.keys[jkt];
  const values = valuesOf(base);
  return (
    <div className={styles.part}>
      <Verdict exchange={exchange} signature={signature} />
      <Facts>
        {algorithm && <Fact name="Algorithm">{algorithm}</Fact>}
        {scheme && (
          <Fact name="Key named by">
            <code>{scheme}</code> <SectionLink section={sections.keying} />
          </Fact>
        )}
        {jkt && (
          <Fact name="Key">
            <Identifier value={jkt} label="thumbprint" />
            {owner && <p className={styles.about}>The key of {theParty(owner)}.</p>}
          </Fact>
        )}
        {created !== null && <Fact name="Made">{formatExact(new Date(created * 1000).toISOString())}</Fact>}
      </Facts>
      <section>
        <h3 className={styles.heading}>What it covers</h3>
        <dl className={styles.headers}>
          {components.map((name) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>
                {values.has(name) && <code className={styles.value}>{values.get(name)}</code>}
                <p className={styles.about}>{explainComponent(name)}</p>
              </dd>
            </div>
          ))}
        </dl>
        <p className={styles.about}>
          <SectionLink section={sections.coveredComponents} />
        </p>
      </section>
      <section>
        <h3 className={styles.heading}>The text that was signed</h3>
        {base === null ? (
          <p className={styles.about}>
            {partyName(exchange.to)} did not record it: {noBase[signature.result]}
          </p>
        ) : (
          <>
            <pre className={styles.base}>{base}</pre>
            <p className={styles.about}>
              The signature base, exactly as {theParty(exchange.to)} computed it, but for the signature part of each
              token. <SectionLink section={sections.signatureBase} />
            </p>
          </>
        )}
      </section>
    </div>
  );
}

const noBase: Readonly<Record<Signature['result'], string>> = {
  verified: 'it says only that it holds.',
  refused: 'the request was refused.',
  unknown: 'the check was made before, or is made elsewhere.',
};

function Verdict({ exchange: { to }, signature: { result, error, detail } }: Omit<SignatureDetailsProps, 'flow'>) {
  if (result === 'verified') {
    return (
      <p className={styles.verified}>
        <BadgeCheck size={18} aria-hidden="true" /> Verified by {theParty(to)}
      </p>
    );
  }
  if (result === 'refused') {
    return (
      <p className={styles.refused}>
        <ShieldX size={18} aria-hidden="true" />
        <span>
          Refused by {theParty(to)}: <code>{error}</code> {detail}
        </span>
      </p>
    );
  }
  return (
    <p className={styles.unknown}>
      <CircleHelp size={18} aria-hidden="true" /> {partyName(to)} does not say that it checked this signature
    </p>
  );
}

/** The value of each component, by the lines of the base. */
function valuesOf(base: string | null): Map<string, string> {
  const lines = (base ?? '').split('\n').map((line) => /^"(?<name>[^"]+)"[^:]*: (?<value>.*)$/.exec(line)?.groups);
  return new Map(lines.flatMap((groups) => (groups ? [[groups.name ?? '', groups.value ?? '']] : [])));
}
