/** A mode is a pair of files in `infra/gateway`: the gateway's routes and policies, and the resources'. */
export const modes = {
  mode1: {
    gateway: 'config.yaml',
    resources: 'aauth-config.yaml',
    shows: 'agent identity: policy on who the agent is',
  },
  mode3: {
    gateway: 'config-policy.yaml',
    resources: 'aauth-config-mode3.yaml',
    shows: 'auth tokens, granted under the standing policy of the person, who is not asked',
  },
  'user-consent': {
    gateway: 'config-policy.yaml',
    resources: 'aauth-config-user-consent.yaml',
    shows: 'auth tokens that the person grants in a browser while the agent waits',
  },
} as const;

export type Mode = keyof typeof modes;

export function isMode(word: string): word is Mode {
  return Object.hasOwn(modes, word);
}
