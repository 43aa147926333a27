import { EmptyState, ErrorState, Placeholder, Section, Table } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { PackageCheck } from 'lucide-react';
import { useApi } from '../api/api.ts';
import type { Results } from '../api/runs.ts';
import { resultsQuery } from '../run/queries.ts';
import { agentName } from '../run/words.ts';
import { formatCount, formatMoney } from './money.ts';
import styles from './result.module.css';

/** What a run came to: in numbers, as a plan of purchases, and why. */
export function Result({ requestId }: { requestId: string }) {
  const results = useQuery(resultsQuery(useApi(), requestId));
  if (results.data) return <Shown results={results.data} />;
  if (results.error) return <ErrorState title="The result cannot be read">{results.error.message}</ErrorState>;
  return <Placeholder label="Loading the result" lines={4} />;
}

function Shown({ results: { summary, recommendations, reasoning } }: { results: Results }) {
  return (
    <div className={styles.result}>
      <dl className={styles.figures} aria-label="Summary">
        <Figure name="To spend" value={formatMoney(summary.total_cost)} about="sum of the purchase plan" />
        <Figure name="Delivery" value={summary.expected_delivery} about="longest lead time" />
        <Figure name="Saved" value={formatMoney(summary.cost_savings)} about="surplus that need not be bought" />
        <Figure name="In stock" value={`${formatCount(summary.efficiency)} %`} about="of what is required" />
      </dl>
      <Section title="Recommendations" count={recommendations.length}>
        {recommendations.length === 0 ? (
          <EmptyState icon={PackageCheck} title="Nothing to buy">
            The agents recommend no purchase for this request.
          </EmptyState>
        ) : (
          <Table label="Recommendations" columns={columns} rows={recommendations} keyOf={({ item }) => item} />
        )}
      </Section>
      <Section title="Reasoning" count={reasoning.length}>
        <ol className={styles.reasons} aria-label="Reasoning">
          {reasoning.map(({ decision, agent, rationale }) => (
            <li key={`${agent} ${decision} ${rationale}`} className={styles.reason}>
              <h3>{decision}</h3>
              <p>{rationale}</p>
              <p className={styles.agent}>{agentName(agent)}</p>
            </li>
          ))}
        </ol>
      </Section>
    </div>
  );
}

type Recommendation = Results['recommendations'][number];

const columns = [
  { name: 'Item', cell: ({ item }: Recommendation) => item },
  { name: 'Supplier', cell: ({ supplier }: Recommendation) => supplier },
  { name: 'Lead time', cell: ({ lead_time }: Recommendation) => lead_time },
  { name: 'Quantity', cell: ({ quantity }: Recommendation) => formatCount(quantity), numeric: true },
  { name: 'Unit price', cell: ({ unit_price }: Recommendation) => formatMoney(unit_price), numeric: true },
  { name: 'Total', cell: ({ total }: Recommendation) => formatMoney(total), numeric: true },
] as const;

function Figure({ name, value, about }: { name: string; value: string; about: string }) {
  return (
    <div className={styles.figure}>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>{value}</dd>
      <dd className={styles.about}>{about}</dd>
    </div>
  );
}
