import type { Tab } from '@aauth-stack/ui';
import { useSearchParams } from 'wouter';
import type { Progress, RunStatus } from '../api/runs.ts';

export type RunTabId = 'progress' | 'result' | 'reports' | 'flow';

const flow: Tab<RunTabId> = { id: 'flow', label: 'On the wire' };

const underWay: readonly Tab<RunTabId>[] = [{ id: 'progress', label: 'Progress' }, flow];
const completed: readonly Tab<RunTabId>[] = [
  { id: 'result', label: 'Result' },
  { id: 'reports', label: 'Agents’ reports' },
  flow,
];

const tabsOf: Readonly<Partial<Record<RunStatus, readonly Tab<RunTabId>[]>>> = { completed, failed: [flow] };

/** The parts that a run has to show, and which of them is open: it is in the address, so that it can be shared. */
export function useRunTab(run: Progress) {
  const [parameters, setParameters] = useSearchParams();
  const tabs = tabsOf[run.status] ?? underWay;
  const wanted = parameters.get('tab');
  const tab = (tabs.find(({ id }) => id === wanted) ?? tabs[0])?.id ?? 'result';
  function choose(next: RunTabId) {
    const changed = new URLSearchParams(parameters);
    changed.set('tab', next);
    setParameters(changed, { replace: true });
  }
  return { tabs, tab, choose };
}
