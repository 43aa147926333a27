import { Button, ErrorState, TextArea } from '@aauth-stack/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../api/api.ts';
import { UnreachableError } from '../api/errors.ts';
import { progressSchema, startedSchema } from '../api/runs.ts';
import { usePageTitle } from '../pages/page-title.ts';
import { StartTheStack } from '../pages/start-the-stack.tsx';

/** Where a run begins. */
export function RunPage() {
  usePageTitle('Run');
  const api = useApi();
  const [prompt, setPrompt] = useState('');
  const start = useMutation({
    mutationFn: () => api.post('/optimization/start', { custom_prompt: prompt }, startedSchema),
  });
  const id = start.data?.request_id;
  const progress = useQuery({
    queryKey: ['progress', id],
    queryFn: () => api.get(`/optimization/progress/${id}`, progressSchema),
    enabled: id !== undefined,
    refetchInterval: 2000,
  });
  return (
    <>
      <h1>Optimize the laptop supply chain</h1>
      <TextArea label="What the agents are to do" value={prompt} onChange={(event) => setPrompt(event.target.value)} />
      <Button look="primary" icon={Play} busy={start.isPending} onClick={() => start.mutate()}>
        Optimize Laptop Supply Chain
      </Button>
      {start.error && (
        <ErrorState title="The run could not be started">
          {start.error instanceof UnreachableError ? <StartTheStack /> : start.error.message}
        </ErrorState>
      )}
      {progress.data && <p>{progress.data.current_step}</p>}
    </>
  );
}
