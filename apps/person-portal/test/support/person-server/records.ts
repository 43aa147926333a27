import { randomBytes, randomUUID } from 'node:crypto';
import type { ActivityEntry, ActivityKind } from '../../../src/api/activity.ts';
import type { Binding, Registration } from '../../../src/api/agents.ts';
import type { Consent } from '../../../src/api/consent.ts';
import type { Resource } from '../../../src/api/settings.ts';
import type { IssuedToken } from '../../../src/api/tokens.ts';
import { inSeconds, type KeptRequest, provider, supplyChain, thumbprint } from './state.ts';

export function registration(change: Partial<Registration> = {}): Registration {
  return {
    id: randomUUID(),
    agent_name: 'Supply Chain Optimizer Agent',
    stable_jkt: `urn:jkt:sha-256:${thumbprint()}`,
    ps: 'http://person-server.localhost:8765',
    callback: null,
    created_at: inSeconds(-360),
    expires_at: inSeconds(3240),
    status: 'pending',
    agent_provider: provider,
    ...change,
  };
}

export function binding(name: string, change: Partial<Binding> = {}): Binding {
  const local = `${name.toLowerCase().replaceAll(' ', '-')}.${randomBytes(4).toString('hex')}`;
  return {
    agent_id: `aauth:${local}@agent-provider.localhost:8766`,
    agent_name: name,
    agent_provider: provider,
    person_id: 'person-1',
    created_at: inSeconds(-7200),
    last_seen_at: inSeconds(-12),
    device_count: 1,
    stable_key_thumbprints: [`urn:jkt:sha-256:${thumbprint()}`],
    revoked: false,
    revoked_at: null,
    live_tokens: 0,
    platform: null,
    device: null,
    ...change,
  };
}

export function consentRequest(agent: Binding, change: Partial<KeptRequest> = {}): KeptRequest {
  return {
    pending_id: randomUUID(),
    pending_kind: 'auth-token',
    status: 'pending',
    code: 'K7PL-3BQ9',
    created_at: inSeconds(-20),
    expires_at: inSeconds(580),
    decided_at: null,
    agent: {
      agent_id: agent.agent_id,
      agent_name: agent.agent_name,
      agent_provider: agent.agent_provider,
      provider_name: 'Demo Agent Provider',
      jkt: thumbprint(),
      approved_at: agent.created_at,
      live_tokens: agent.live_tokens,
      platform: 'self-hosted',
      device: 'Backend on build-7',
    },
    on_behalf_of: null,
    resource: {
      issuer: supplyChain,
      name: 'Supply-chain agent',
      description: 'Optimises hardware procurement under the company’s **purchasing policies**.',
      access_mode: 'auth-token',
      documentation_uri: `${supplyChain}/docs`,
      tos_uri: null,
      policy_uri: null,
      scope_descriptions: {
        'supply-chain:check': 'Check whether stock meets the company’s policies',
        'supply-chain:read': 'Read stock, orders and policies',
        'require:user': 'Act only after a person agreed',
      },
      metadata_read_at: inSeconds(-20),
      first_use: true,
    },
    scopes: ['supply-chain:check', 'supply-chain:read', 'require:user'],
    needs_person_scopes: ['require:user'],
    identity_scopes: [],
    reason: 'scope-needs-person',
    justification: 'To **optimize the laptop supply chain** for the next six months, I have to read stock and orders.',
    account: null,
    tenant: null,
    login_hint: null,
    grant_until: inSeconds(3600),
    can_remember: true,
    questions: [],
    questions_left: 5,
    interaction: null,
    granted_scopes: null,
    remembered: false,
    redirect_url: null,
    callback: null,
    openedBy: null,
    needsSessionSince: null,
    ...change,
  };
}

export function token(agent: Binding, change: Partial<IssuedToken> = {}): IssuedToken {
  return {
    jti: randomUUID(),
    type: 'aa-auth+jwt',
    agent_id: agent.agent_id,
    agent_name: agent.agent_name,
    agent_provider: agent.agent_provider,
    audience: supplyChain,
    audience_name: 'Supply-chain agent',
    subject: thumbprint(),
    scope: ['supply-chain:check', 'supply-chain:read'],
    account: null,
    jkt: thumbprint(),
    kid: 'ps-202611-4c1a9b02',
    upstream_jti: null,
    presented_jti: randomUUID(),
    on_behalf_of: null,
    reason: 'consent',
    issued_at: inSeconds(-1200),
    expires_at: inSeconds(2400),
    revoked_at: null,
    notice: null,
    ...change,
  };
}

export function consent(agent: Binding, change: Partial<Consent> = {}): Consent {
  return {
    consent_id: randomUUID(),
    agent_id: agent.agent_id,
    agent_name: agent.agent_name,
    agent_provider: agent.agent_provider,
    resource: supplyChain,
    resource_name: 'Supply-chain agent',
    scopes: ['supply-chain:check', 'supply-chain:read'],
    scope_descriptions: {
      'supply-chain:check': 'Check whether stock meets the company’s policies',
      'supply-chain:read': 'Read stock, orders and policies',
    },
    remembered: true,
    given_at: inSeconds(-5400),
    last_used_at: inSeconds(-1200),
    live_tokens: 1,
    ...change,
  };
}

export function resource(change: Partial<Resource> = {}): Resource {
  return {
    issuer: supplyChain,
    name: 'Supply-chain agent',
    description: 'Optimises hardware procurement under the company’s **purchasing policies**.',
    access_mode: 'auth-token',
    documentation_uri: `${supplyChain}/docs`,
    tos_uri: null,
    policy_uri: null,
    revocation_supported: true,
    scope_descriptions: {
      'supply-chain:check': 'Check whether stock meets the company’s policies',
      'supply-chain:read': 'Read stock, orders and policies',
    },
    metadata_read_at: inSeconds(-300),
    first_used_at: inSeconds(-6000),
    last_used_at: inSeconds(-1200),
    agents: 1,
    live_tokens: 2,
    ...change,
  };
}

export function activity(kind: ActivityKind, change: Partial<ActivityEntry> = {}): ActivityEntry {
  return {
    id: randomUUID(),
    at: inSeconds(0),
    kind,
    outcome: 'done',
    agent_id: null,
    agent_name: null,
    agent_provider: null,
    resource: null,
    resource_name: null,
    scopes: [],
    token_type: null,
    jti: null,
    pending_id: null,
    on_behalf_of: null,
    reason: null,
    justification: null,
    via: null,
    detail: null,
    ...change,
  };
}
