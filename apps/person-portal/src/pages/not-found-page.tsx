import { EmptyState } from '@aauth-stack/ui';
import { Compass } from 'lucide-react';
import { PageHeader } from './page-header.tsx';

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="No such page" about="There is nothing at this address." />
      <EmptyState icon={Compass} title="The pages are listed above">
        An agent’s link to a request begins with /ui/consent.
      </EmptyState>
    </>
  );
}
