import { useAnnounce } from '@aauth-stack/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api.ts';
import { type SettingsChange, settingsSchema } from '../api/settings.ts';
import { useChange } from '../pages/use-change.ts';
import { settingsQuery } from './queries.ts';

export function useSettingsChange() {
  const api = useApi();
  const client = useQueryClient();
  const announce = useAnnounce();
  return useChange(
    async (change: SettingsChange) => {
      const settings = await api.changeAndRead('/person/settings', { method: 'PATCH', body: change }, settingsSchema);
      client.setQueryData(settingsQuery(api).queryKey, settings);
      announce('Saved.');
    },
    ['settings', 'activity'],
  );
}
