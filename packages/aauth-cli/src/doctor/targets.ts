/** The parties whose state is looked at. */
export interface Targets {
  readonly provider: string | undefined;
  readonly personServer: string | undefined;
  readonly resources: readonly string[];
  /** Whether these are the demo's own: then its scripts are what helps. */
  readonly isDemo: boolean;
}

interface Asked {
  readonly provider?: string;
  readonly 'person-server'?: string;
  readonly resource?: readonly string[];
}

const demo = {
  provider: 'http://agent-provider.localhost:8766',
  personServer: 'http://person-server.localhost:8765',
  resources: [
    'http://supply-chain-agent.localhost:3000',
    'http://market-analysis-agent.localhost:3000',
    'http://inventory.localhost:3000',
  ],
};

/** What the command line names; else what the profile knows; else the demo of this repository, on its usual ports. */
export function chooseTargets(
  asked: Asked,
  profile: { readonly provider: string; readonly personServer: string | undefined } | undefined,
): Targets {
  const named = asked.provider !== undefined || asked['person-server'] !== undefined || asked.resource !== undefined;
  const provider = asked.provider ?? profile?.provider ?? (named ? undefined : demo.provider);
  const isDemo = provider === demo.provider && !named;
  return {
    provider,
    personServer: asked['person-server'] ?? profile?.personServer ?? (isDemo ? demo.personServer : undefined),
    resources: asked.resource ?? (isDemo ? demo.resources : []),
    isDemo,
  };
}
