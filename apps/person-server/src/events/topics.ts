/** What an open page of the portal may have to read again. */
export const topics = [
  'registrations',
  'bindings',
  'providers',
  'requests',
  'consents',
  'tokens',
  'activity',
  'settings',
  'resources',
  'server',
  'sessions',
] as const;

export type Topic = (typeof topics)[number];

/** The channel on which every replica hears of changes: triggers on the tables notify it, with topics and commas between them. */
export const changesChannel = 'portal_changes';
