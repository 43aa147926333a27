import { Button } from '@aauth-stack/ui';
import { ArrowUp } from 'lucide-react';
import { count } from './names.tsx';

export interface ShowFreshProps {
  count: number;
  thing: string;
  onShow: () => void;
}

/** Lets the person have what came while their pointer was on the list. */
export function ShowFresh({ count: fresh, thing, onShow }: ShowFreshProps) {
  if (fresh === 0) return null;
  return (
    <Button icon={ArrowUp} onClick={onShow}>
      Show {count(fresh, `new ${thing}`)}
    </Button>
  );
}
