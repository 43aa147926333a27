import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';

const AAUTH_PROXY_SECRET = 'a-secret-of-the-tests-0123456789abcdef';

function load(environment: Record<string, string>) {
  const warnings: string[] = [];
  return { config: loadConfig(environment, (message) => warnings.push(message)), warnings };
}

describe('loadConfig', () => {
  it('needs nothing but the secret that it shares with the proxy', () => {
    const { config, warnings } = load({ AAUTH_PROXY_SECRET });
    expect(config).toEqual({
      host: '127.0.0.1',
      port: 9998,
      logLevel: 'info',
      identifier: 'http://market-analysis-agent.localhost:3000',
      agentName: 'Market Analysis Agent',
      agentProvider: 'http://agent-provider.localhost:8766',
      personServer: 'http://person-server.localhost:8765',
      stableKeyFile: '.data/keys/market-analysis-agent-stable.pem',
      providerKeyFile: '.data/keys/market-analysis-provider.pem',
      inventory: 'http://inventory.localhost:3000',
      inventoryPath: '/mcp',
      inventoryTimeoutMs: 45_000,
      callbackOrigins: [
        'http://supply-chain-agent.localhost:3000',
        'http://backend.localhost:8000',
        'http://localhost:3050',
      ],
      proxySecret: AAUTH_PROXY_SECRET,
      identifiers: { allowLoopback: true },
      localhostDns: false,
    });
    expect(warnings).toEqual([]);
  });

  it('takes its own port variable before PORT', () => {
    expect(load({ AAUTH_PROXY_SECRET, PORT: '1' }).config.port).toBe(1);
    expect(load({ AAUTH_PROXY_SECRET, PORT: '1', MARKET_ANALYSIS_AGENT_PORT: '2' }).config.port).toBe(2);
  });

  it('W15: understands the names of the known demo, with one warning each', () => {
    const { config, warnings } = load({
      AAUTH_PROXY_SECRET,
      AGENT_SERVER_BASE: 'http://127.0.0.1:8765',
      MARKET_ANALYSIS_AGENT_ID_URL: 'http://maa.localhost:3000/',
      MCP_SERVER_BASE_URL: 'http://localhost:3000',
      MCP_SERVER_PATH: '/general/mcp',
    });
    expect(config).toMatchObject({
      agentProvider: 'http://127.0.0.1:8765',
      identifier: 'http://maa.localhost:3000',
      inventory: 'http://localhost:3000',
      inventoryPath: '/general/mcp',
    });
    expect(warnings).toHaveLength(4);
  });

  it('names every wrong variable and never the secret', () => {
    const wrong = () => load({ AAUTH_PROXY_SECRET: 'short', MARKET_ANALYSIS_AGENT_PORT: '99999' });
    expect(wrong).toThrow(/MARKET_ANALYSIS_AGENT_PORT="99999" is wrong/);
    expect(wrong).toThrow(/AAUTH_PROXY_SECRET="\*\*\*" is wrong: .* at least 32 /);
    expect(() => load({})).toThrow(/AAUTH_PROXY_SECRET is not set: the secret that the proxy in front sends/);
  });

  it('refuses loopback identifiers in production', () => {
    expect(() => load({ AAUTH_PROXY_SECRET, NODE_ENV: 'production' })).toThrow(/MARKET_ANALYSIS_AGENT_URL.*loopback/);
    expect(() => load({ AAUTH_PROXY_SECRET, NODE_ENV: 'production', AAUTH_ALLOW_LOOPBACK: '1' })).not.toThrow();
  });
});
