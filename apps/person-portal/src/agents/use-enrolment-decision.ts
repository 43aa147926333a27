import { useAnnounce } from '@aauth-stack/ui';
import type { Registration } from '../api/agents.ts';
import { useApi } from '../api/api.ts';
import { useChange } from '../pages/use-change.ts';

type Decision = 'approve' | 'deny';

/** Approving or denying an agent that waits. */
export function useEnrolmentDecision({ id, agent_name: name }: Registration) {
  const api = useApi();
  const announce = useAnnounce();
  const { mutate, isPending, isSuccess, variables, error } = useChange(
    async (decision: Decision) => {
      await api.change(`/person/registrations/${encodeURIComponent(id)}/${decision}`, { method: 'POST' });
      announce(`${decision === 'approve' ? 'Approved' : 'Denied'} ${name}.`);
    },
    ['registrations', 'bindings', 'activity'],
  );
  return {
    decide: (decision: Decision) => {
      if (!isPending) mutate(decision);
    },
    pending: isPending ? variables : undefined,
    done: isSuccess ? variables : undefined,
    error,
  };
}
