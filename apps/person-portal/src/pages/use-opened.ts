import { useLocation, useSearch } from 'wouter';

export interface Opened {
  /** Of what the details are shown, if of anything. */
  id: string | undefined;
  open: (id: string) => void;
  close: () => void;
}

/** What is opened beside a list. It stands in the address, so it survives a reload and the browser's Back closes it. */
export function useOpened(): Opened {
  const [path, navigate] = useLocation();
  const parameters = new URLSearchParams(useSearch());
  const id = parameters.get('open') ?? undefined;
  const go = (next: URLSearchParams) => navigate(next.size > 0 ? `${path}?${next}` : path);
  return {
    id,
    open: (opened) => {
      const next = new URLSearchParams(parameters);
      next.set('open', opened);
      if (opened !== id) go(next);
    },
    close: () => {
      const next = new URLSearchParams(parameters);
      next.delete('open');
      go(next);
    },
  };
}
