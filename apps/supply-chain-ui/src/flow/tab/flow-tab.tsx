import { Button, ButtonLink, EmptyState, ErrorState, Placeholder, useAnnounce } from '@aauth-stack/ui';
import { ExternalLink, FileCode, FileJson, Radio } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { FlowView } from '../flow-view.tsx';
import type { Flow } from '../model/flow.ts';
import { download, exportHtml, exportJson } from './export.ts';
import { useFlow } from './use-flow.ts';

export interface FlowTabProps {
  requestId: string;
  /** The run goes on. */
  live: boolean;
}

/** What happened on the wire during a run, drawn as it happens. */
export function FlowTab({ requestId, live }: FlowTabProps) {
  const { data: flow, error, refetch } = useFlow(requestId, live);
  const { selected, select } = useSelectedExchange(flow);
  if (flow && flow.exchanges.length > 0) {
    return <FlowView flow={flow} selected={selected} onSelect={select} actions={<Actions flow={flow} />} />;
  }
  if (error && !flow) {
    return (
      <ErrorState
        title="What happened on the wire cannot be shown"
        action={<Button onClick={() => void refetch()}>Try again</Button>}
      >
        {error.message}
      </ErrorState>
    );
  }
  if (!flow) return <Placeholder label="Loading what happened on the wire" />;
  return (
    <EmptyState icon={Radio} title={live ? 'Nothing has arrived yet' : 'Nothing is kept of this run'}>
      {live
        ? 'The first exchanges appear here as soon as the services tell of them.'
        : 'The backend keeps the exchanges of the last runs, and takes them from the services only where AAUTH_FLOW_EXPORTER_URL is set at each.'}
    </EmptyState>
  );
}

/** The exchange that the address names. A failed run that is opened without one opens at what it failed at. */
function useSelectedExchange(flow: Flow | undefined) {
  const [parameters, setParameters] = useSearchParams();
  const wasOpened = useRef(false);
  const row = parameters.get('row') ?? undefined;

  function select(id: string | undefined) {
    wasOpened.current = true;
    setParameters(
      (before) => {
        const changed = new URLSearchParams(before);
        if (id === undefined) changed.delete('row');
        else changed.set('row', id);
        return changed;
      },
      { replace: true },
    );
  }

  const failedAt = flow?.failed_at;
  const opensAtFailure = failedAt != null && row === undefined && !wasOpened.current;
  useEffect(() => {
    if (opensAtFailure) wasOpened.current = true;
  }, [opensAtFailure]);
  const [opened, setOpened] = useState<string>();
  useEffect(() => {
    if (opensAtFailure) setOpened(failedAt);
  }, [opensAtFailure, failedAt]);

  return {
    selected: row ?? opened,
    select(id: string | undefined) {
      setOpened(undefined);
      select(id);
    },
  };
}

function Actions({ flow }: { flow: Flow }) {
  const announce = useAnnounce();
  const [problem, setProblem] = useState<string>();
  const name = `aauth-run-${flow.request_id}`;

  async function keepHtml() {
    try {
      download(await exportHtml(flow), `${name}.html`);
      setProblem(undefined);
      announce('The drawing was saved as a file.');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <>
      {problem && <span role="alert">{problem}</span>}
      {flow.jaeger_url && (
        <ButtonLink
          href={flow.jaeger_url}
          target="_blank"
          icon={ExternalLink}
          title="If Jaeger runs: scripts/run-jaeger.sh starts it"
        >
          Trace in Jaeger
        </ButtonLink>
      )}
      <Button icon={FileCode} onClick={() => void keepHtml()}>
        Save as HTML
      </Button>
      <Button icon={FileJson} onClick={() => download(exportJson(flow), `${name}.json`)}>
        Save as JSON
      </Button>
    </>
  );
}
