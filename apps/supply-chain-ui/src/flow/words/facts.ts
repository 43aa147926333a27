import { formatDuration } from '@aauth-stack/ui';
import type { Exchange, Flow } from '../model/flow.ts';

/** "12 ms, 0.4 s into the run" */
export function tookWords({ started_at, ended_at }: Exchange, flow: Flow): string {
  const into = Date.parse(started_at) - Date.parse(flow.started_at);
  const since = `${durationWords(Math.max(0, into))} into the run`;
  if (ended_at === null) return `not over yet, began ${since}`;
  return `${durationWords(Date.parse(ended_at) - Date.parse(started_at))}, ${since}`;
}

/** "34 ms", "2.1 s", "3 min" */
function durationWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : formatDuration(Math.round(ms / 1_000));
}

const reasons: Readonly<Record<string, string>> = {
  'standing-policy': 'the standing policy lets approved agents act',
  consent: 'the person agreed to this request',
  'remembered-consent': 'the person agreed to this before, and to not being asked again',
  'first-use-asks': 'the policy is to ask the person at the first use',
  'always-asks': 'the policy is to ask the person every time',
  'scope-needs-person': 'a scope among those wanted is granted by the person alone',
  'unnamed-scope-needs-person': 'the resource named no scope, and only the person can agree to that',
  'agent-asks': 'the agent wants the person to be asked',
};

const results: Readonly<Record<string, string>> = {
  asked: 'The person is asked',
  granted: 'Granted',
  approved: 'Approved',
  refused: 'Refused',
  denied: 'Denied',
};

/** "Granted: the standing policy of the person allows it" */
export function decisionWords(result: string, reason: string): string {
  return `${results[result] ?? result}: ${reasons[reason] ?? reason.replaceAll('-', ' ')}`;
}
