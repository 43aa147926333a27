import { useLocation, useSearchParams } from 'wouter';

/** The line of the feed that was chosen; it is in the address, so that it can be shared. */
export function useSelectedActivity(): { selected: number | undefined; select: (id: number | undefined) => void } {
  const [parameters] = useSearchParams();
  const [path, navigate] = useLocation();
  const id = Number(parameters.get('activity') ?? Number.NaN);
  return {
    selected: Number.isInteger(id) ? id : undefined,
    select(next) {
      const changed = new URLSearchParams(parameters);
      if (next === undefined) changed.delete('activity');
      else changed.set('activity', next.toString());
      navigate(changed.size > 0 ? `${path}?${changed}` : path, { replace: true });
    },
  };
}
