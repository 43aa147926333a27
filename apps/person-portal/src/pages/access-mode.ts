const accessModes: Readonly<Record<string, string>> = {
  'agent-token': 'an agent that says who it is',
  'person-token': 'an agent that says whom it acts for',
  'session-token': 'an agent that the resource itself let in',
  'auth-token': 'an agent that was granted access',
};

/** A resource's `access_mode`, in words. */
export function whoIsLetIn(accessMode: string): string {
  return accessModes[accessMode] ?? accessMode;
}
