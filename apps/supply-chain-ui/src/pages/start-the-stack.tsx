import { useSettings } from '../api/use-settings.tsx';

/** The way on when the backend does not answer. */
export function StartTheStack() {
  const { backend_url: backend } = useSettings();
  return (
    <>
      The backend is not answering at <code>{new URL(backend).host}</code>. Start the stack with{' '}
      <code>scripts/start-infra.sh</code>.
    </>
  );
}
