import { EmptyState } from '@aauth-stack/ui';
import { Compass } from 'lucide-react';
import { usePageTitle } from './page-title.ts';

export function NotFoundPage() {
  usePageTitle('No such page');
  return (
    <>
      <h1>No such page</h1>
      <EmptyState icon={Compass} title="There is nothing at this address">
        The pages are listed above.
      </EmptyState>
    </>
  );
}
