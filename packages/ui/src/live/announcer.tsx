import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { VisuallyHidden } from '../text/visually-hidden.tsx';

const AnnounceContext = createContext<(text: string) => void>(() => {});

/** Says something to a screen reader, politely: it is read when the reader has finished what it is saying. */
export function useAnnounce(): (text: string) => void {
  return useContext(AnnounceContext);
}

/** The one live region of a page. What is announced through {@link useAnnounce} below it is read from there. */
export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ text: '', count: 0 });
  const announce = useCallback((text: string) => setSaid(({ count }) => ({ text, count: count + 1 })), []);
  // The same words twice are two changes of the region only when its content is another element.
  const words = useMemo(() => <span key={said.count}>{said.text}</span>, [said]);
  return (
    <AnnounceContext value={announce}>
      {children}
      <VisuallyHidden>
        <span role="status" aria-live="polite">
          {words}
        </span>
      </VisuallyHidden>
    </AnnounceContext>
  );
}
