import { useAnnounce } from '@aauth-stack/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api.ts';
import { type Settings, type SettingsChange, settingsSchema } from '../api/settings.ts';
import { useChange } from '../pages/use-change.ts';
import { settingsQuery } from './queries.ts';

/**
 * Saves what the person changes. Until the server has answered, `shown` is what they want; where it refuses, what was before.
 */
export function useSettingsChange(saved: Settings) {
  const api = useApi();
  const client = useQueryClient();
  const announce = useAnnounce();
  const [wanted, setWanted] = useState<SettingsChange>({});
  const { mutate, isPending, error } = useChange(
    async (change: SettingsChange) => {
      const settings = await api.changeAndRead('/person/settings', { method: 'PATCH', body: change }, settingsSchema);
      client.setQueryData(settingsQuery(api).queryKey, settings);
      announce('Saved.');
    },
    ['settings', 'activity'],
    // One after the other: what the person wanted last is what stays.
    { inOrder: 'settings' },
  );
  return {
    shown: { ...saved, ...wanted },
    save: (change: SettingsChange, onSaved?: () => void) => {
      setWanted(change);
      mutate(change, { onSuccess: onSaved, onSettled: () => setWanted({}) });
    },
    isPending,
    error,
  };
}
