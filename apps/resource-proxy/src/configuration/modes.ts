/** The demo's modes: for each, the files of `infra/gateway` with the routes and with the resources. */
export const modes = {
  mode1: { gateway: 'config.yaml', resources: 'aauth-config.yaml' },
  mode3: { gateway: 'config-policy.yaml', resources: 'aauth-config-mode3.yaml' },
  'user-consent': { gateway: 'config-policy.yaml', resources: 'aauth-config-user-consent.yaml' },
} as const;

export const modeNames = ['mode1', 'mode3', 'user-consent'] as const satisfies ReadonlyArray<keyof typeof modes>;
