import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { useApi } from '../api/api.ts';
import { progressSchema, startedSchema } from '../api/runs.ts';
import { runQuery } from './queries.ts';

/** What every run here is asked to keep to. */
const constraints = { budget_limit: 500_000, delivery_time: '2 weeks', quality_requirement: 'enterprise_grade' };

/** Starts a run with the words of a person, and goes to its page. */
export function useStartRun() {
  const api = useApi();
  return useMutation({
    mutationFn: (prompt: string) =>
      api.post(
        '/optimization/start',
        { scenario: 'laptop_procurement', custom_prompt: prompt, constraints },
        startedSchema,
      ),
    onSuccess: useShowStarted(),
  });
}

/** Starts a run once more that has failed, and goes to the new one's page. */
export function useRetryRun() {
  const api = useApi();
  return useMutation({
    mutationFn: (requestId: string) => api.post(`/optimization/retry/${requestId}`, {}, startedSchema),
    onSuccess: useShowStarted(),
  });
}

function useShowStarted() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return ({ request_id: id }: { request_id: string }) => {
    void client.invalidateQueries({ queryKey: ['runs'] });
    navigate(`/runs/${id}`);
  };
}

/** Stops a run that is under way. */
export function useCancelRun(requestId: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post(`/optimization/cancel/${requestId}`, {}, progressSchema),
    onSuccess: (progress) => client.setQueryData(runQuery(api, requestId).queryKey, progress),
  });
}
