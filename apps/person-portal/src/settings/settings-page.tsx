import { Beside } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api.ts';
import { Loaded } from '../pages/loaded.tsx';
import { ResourceName } from '../pages/names.tsx';
import { PageHeader } from '../pages/page-header.tsx';
import { useOpened } from '../pages/use-opened.ts';
import { ConsentPolicySetting } from './consent-policy.tsx';
import { NeedsPersonScopes } from './needs-person-scopes.tsx';
import { resourcesQuery, sessionsQuery, settingsQuery } from './queries.ts';
import { ResourceDetails, Resources } from './resources.tsx';
import { Sessions } from './sessions.tsx';

/** When the person is asked, what resources say of themselves, and where the person is signed in. */
export function SettingsPage() {
  const api = useApi();
  const settings = useQuery(settingsQuery(api));
  const resources = useQuery(resourcesQuery(api));
  const sessions = useQuery(sessionsQuery(api));
  const opened = useOpened();
  const shown = resources.data?.find(({ issuer }) => issuer === opened.id);
  const details = shown && {
    id: shown.issuer,
    title: <ResourceName issuer={shown.issuer} name={shown.name} />,
    onClose: opened.close,
    children: <ResourceDetails resource={shown} />,
  };
  return (
    <Beside
      details={details}
      header={
        <PageHeader title="Settings" about="When you are asked, where your agents go, and where you are signed in." />
      }
    >
      <Loaded query={settings} what="settings">
        {(data) => (
          <>
            <ConsentPolicySetting settings={data} />
            <NeedsPersonScopes settings={data} />
          </>
        )}
      </Loaded>
      <Loaded query={resources} what="resources">
        {(data) => <Resources resources={data} opened={opened} />}
      </Loaded>
      <Loaded query={sessions} what="sessions">
        {(data) => <Sessions sessions={data} />}
      </Loaded>
    </Beside>
  );
}
