import { ErrorState, Placeholder } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api.ts';
import { resultsQuery } from '../run/queries.ts';
import { agentName } from '../run/words.ts';
import { AgentText } from './agent-text.tsx';
import styles from './reports.module.css';

/** What each agent wrote, in its own words. */
export function Reports({ requestId }: { requestId: string }) {
  const { data, error } = useQuery(resultsQuery(useApi(), requestId));
  if (error) return <ErrorState title="The reports cannot be read">{error.message}</ErrorState>;
  if (!data) return <Placeholder label="Loading the reports" />;
  return (
    <div className={styles.reports}>
      {data.reports.map(({ agent, markdown }) => (
        <article key={agent} className={styles.report} aria-label={`Report of the ${agentName(agent)}`}>
          <h2 className={styles.title}>{agentName(agent)}</h2>
          <AgentText text={markdown} />
        </article>
      ))}
    </div>
  );
}
