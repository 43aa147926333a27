import { Banner } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { activitiesQuery } from '../activity/queries.ts';
import { useApi } from '../api/api.ts';
import { UnreachableError } from '../api/errors.ts';
import { StartTheStack } from './start-the-stack.tsx';

/** Says that the backend does not answer, while it does not. */
export function OfflineBanner() {
  const { error } = useQuery(activitiesQuery(useApi()));
  return (
    <Banner>
      {error instanceof UnreachableError && (
        <>
          <StartTheStack /> This page shows what it last knew, and goes on trying.
        </>
      )}
    </Banner>
  );
}
