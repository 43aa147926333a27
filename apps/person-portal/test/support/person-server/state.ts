import { randomBytes } from 'node:crypto';
import type { ActivityEntry } from '../../../src/api/activity.ts';
import type { Binding, Registration, TrustedAgentServer } from '../../../src/api/agents.ts';
import type { Consent, ConsentRequest } from '../../../src/api/consent.ts';
import type { ServerKey } from '../../../src/api/server.ts';
import type { Resource, Settings } from '../../../src/api/settings.ts';
import type { IssuedToken } from '../../../src/api/tokens.ts';

export const provider = 'http://agent-provider.localhost:8766';
export const supplyChain = 'http://supply-chain-agent.localhost:3000';
export const marketAnalysis = 'http://market-analysis-agent.localhost:3000';

/** A moment some seconds from now; negative for the past. */
export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

export function thumbprint(): string {
  return randomBytes(32).toString('base64url');
}

/** A request as the server keeps it. */
export interface KeptRequest extends ConsentRequest {
  callback: string | null;
  /** The session that opened it by its code. */
  openedBy: string | null;
  /** The session has to be younger than this moment (`prompt=login`). */
  needsSessionSince: string | null;
}

interface KeptSession {
  id: string;
  csrfToken: string;
  openedAt: string;
  userAgent: string | null;
}

/** Everything that the server of the tests knows. */
export interface State {
  registrations: Registration[];
  bindings: Binding[];
  providers: TrustedAgentServer[];
  requests: KeptRequest[];
  consents: Consent[];
  tokens: IssuedToken[];
  activity: ActivityEntry[];
  settings: Settings;
  resources: Resource[];
  keys: ServerKey[];
  /** By the value of their cookie. */
  sessions: Map<string, KeptSession>;
}

export function createState(): State {
  const defaults = { consent_policy: 'first-use' as const, needs_person_scopes: ['require:user'] };
  const jkt = thumbprint();
  return {
    registrations: [],
    bindings: [],
    providers: [
      {
        issuer: provider,
        display_name: 'Demo Agent Provider',
        description: null,
        jwks_uri: `${provider}/.well-known/jwks.json`,
        jwks_fingerprint: thumbprint(),
        implicit: true,
        added_at: inSeconds(-86_400),
      },
    ],
    requests: [],
    consents: [],
    tokens: [],
    activity: [],
    settings: { ...defaults, defaults, token_lifetime: 3600, session_lifetime: 43_200 },
    resources: [],
    keys: [
      {
        kid: 'ps-202611-4c1a9b02',
        alg: 'Ed25519',
        jkt,
        state: 'active',
        created_at: inSeconds(-86_400),
        retired_at: null,
        public_jwk: { kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519', kid: 'ps-202611-4c1a9b02', x: thumbprint() },
      },
    ],
    sessions: new Map(),
  };
}
