import '@aauth-stack/ui/styles.css';
import { Announcer, ErrorState } from '@aauth-stack/ui';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { flowSchema } from '../model/flow.ts';
import { Viewer } from './viewer.tsx';

const root = document.getElementById('root');
const run = document.getElementById('run');
if (!root) throw new Error('The file has no element to show the run in.');
const parsed = flowSchema.safeParse(JSON.parse(run?.textContent ?? 'null'));

createRoot(root).render(
  <StrictMode>
    <Announcer>
      {parsed.success ? (
        <Viewer flow={parsed.data} />
      ) : (
        <ErrorState title="This file holds no run">It was saved incompletely, or changed since.</ErrorState>
      )}
    </Announcer>
  </StrictMode>,
);
