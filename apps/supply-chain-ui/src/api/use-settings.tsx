import { createContext, useContext } from 'react';
import type { PageSettings } from './settings.ts';

const SettingsContext = createContext<PageSettings | undefined>(undefined);

export const SettingsProvider = SettingsContext;

/** Where everything is. */
export function useSettings(): PageSettings {
  const settings = useContext(SettingsContext);
  if (!settings) throw new Error('useSettings is used outside of a SettingsProvider.');
  return settings;
}
