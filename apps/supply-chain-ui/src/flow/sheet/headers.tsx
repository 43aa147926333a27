import type { Exchange } from '../model/flow.ts';
import { explainHeader } from '../words/headers.ts';
import styles from './parts.module.css';
import { SectionLink } from './section-link.tsx';

/** The headers that the protocol is made of, as they were on the wire. */
export function Headers({ exchange: { request_headers, response_headers } }: { exchange: Exchange }) {
  return (
    <div className={styles.part}>
      <HeaderList title="Request" headers={request_headers} />
      <HeaderList title="Response" headers={response_headers} />
      <p className={styles.about}>
        Only headers that the protocol is made of are kept, with the signature part of each token left out (…). The
        signature itself, credentials and cookies are not recorded.
      </p>
    </div>
  );
}

function HeaderList({ title, headers }: { title: string; headers: Exchange['request_headers'] }) {
  if (headers.length === 0) return null;
  return (
    <section>
      <h3 className={styles.heading}>{title}</h3>
      <dl className={styles.headers}>
        {headers.map(([name, value]) => {
          const explained = explainHeader(name);
          return (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>
                <code className={styles.value}>{value}</code>
                {explained && (
                  <p className={styles.about}>
                    {explained.about} {explained.section && <SectionLink section={explained.section} />}
                  </p>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
