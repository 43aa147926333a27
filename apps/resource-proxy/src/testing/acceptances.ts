import { hwkSignatureKey } from '@aauth-stack/aauth/signatures';
import type { SignedRequestOptions } from './client.ts';
import { subject } from './person-server.ts';
import type { TestProxy } from './proxy.ts';

/** A request that is accepted, and what is then known of its sender. */
export interface Acceptance {
  readonly name: string;
  readonly request: (proxy: TestProxy) => Promise<Partial<SignedRequestOptions>>;
  /** The `x-aauth-*` headers. */
  readonly statements: (proxy: TestProxy) => Record<string, string>;
  /** The metadata for other gateways, beside `level`, `scheme` and `jkt`. */
  readonly metadata: (proxy: TestProxy) => Record<string, string | string[]>;
}

const scopes = ['supply-chain:check', 'supply-chain:read'];

export const acceptances: readonly Acceptance[] = [
  {
    name: 'a bare key: pseudonymous',
    request: async ({ agent }) => ({ signatureKey: hwkSignatureKey(agent.key.publicJwk) }),
    statements: ({ agent }) => ({
      'x-aauth-level': 'pseudonymous',
      'x-aauth-scheme': 'hwk',
      'x-aauth-jkt': agent.key.thumbprint,
    }),
    metadata: () => ({}),
  },
  {
    name: 'a server: identified',
    request: async ({ provider }) => provider.asServer,
    statements: ({ provider }) => ({
      'x-aauth-level': 'identified',
      'x-aauth-scheme': 'jwks_uri',
      'x-aauth-jkt': provider.key.thumbprint,
      'x-aauth-agent-server': provider.issuer,
    }),
    metadata: ({ provider: { issuer } }) => ({ issuer, agent_server: issuer }),
  },
  {
    name: 'an agent token: identified',
    request: async () => ({}),
    statements: ({ agent, provider }) => ({
      'x-aauth-level': 'identified',
      'x-aauth-scheme': 'jwt',
      'x-aauth-jkt': agent.key.thumbprint,
      'x-aauth-token-type': 'aa-agent+jwt',
      'x-aauth-agent': agent.id,
      'x-aauth-agent-server': provider.issuer,
      'x-aauth-delegate': agent.id,
    }),
    metadata: ({ agent: { id }, provider: { issuer } }) => ({
      token_type: 'aa-agent+jwt',
      key_id: 'ap-1',
      issuer,
      agent_server: issuer,
      agent: id,
      sub: id,
    }),
  },
  {
    name: 'a person token: person',
    request: async ({ agent, personServer, supplyChain }) => personServer.person(agent, supplyChain),
    statements: ({ agent, personServer }) => ({
      'x-aauth-level': 'person',
      'x-aauth-scheme': 'jwt',
      'x-aauth-jkt': agent.key.thumbprint,
      'x-aauth-token-type': 'aa-person+jwt',
      'x-aauth-person-server': personServer.issuer,
      'x-aauth-sub': subject,
    }),
    metadata: ({ personServer: { issuer } }) => ({
      token_type: 'aa-person+jwt',
      key_id: 'ps-1',
      issuer,
      ps: issuer,
      sub: subject,
    }),
  },
  {
    name: 'an auth token: authorized',
    request: async ({ agent, personServer, supplyChain }) => personServer.grant(agent, supplyChain),
    statements: ({ agent, personServer }) => ({
      'x-aauth-level': 'authorized',
      'x-aauth-scheme': 'jwt',
      'x-aauth-jkt': agent.key.thumbprint,
      'x-aauth-token-type': 'aa-auth+jwt',
      'x-aauth-person-server': personServer.issuer,
      'x-aauth-sub': subject,
      'x-aauth-scope': scopes.join(' '),
    }),
    metadata: ({ personServer: { issuer } }) => ({
      token_type: 'aa-auth+jwt',
      key_id: 'ps-1',
      issuer,
      ps: issuer,
      sub: subject,
      scope: scopes.join(' '),
      scopes,
    }),
  },
];
