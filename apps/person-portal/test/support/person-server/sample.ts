import { activity, binding, consent, consentRequest, registration, resource, token } from './records.ts';
import { inSeconds, marketAnalysis, type State, supplyChain } from './state.ts';

/** A person with some agents at work: what most pages are looked at with. */
export function fillWithSample(state: State): void {
  const backend = binding('Backend App', { live_tokens: 3, platform: 'self-hosted', device: 'Backend on build-7' });
  const optimizer = binding('Supply Chain Optimizer', { live_tokens: 1, last_seen_at: inSeconds(-95) });
  const retired = binding('Old Report Writer', { revoked: true, revoked_at: inSeconds(-90_000), last_seen_at: null });
  state.bindings.push(backend, optimizer, retired);
  state.registrations.push(
    registration(),
    registration({ agent_name: 'Market Analysis Agent', created_at: inSeconds(-900), expires_at: inSeconds(2700) }),
  );
  state.providers.push({
    issuer: 'https://agents.example',
    display_name: 'Example Agents',
    description: 'Runs agents for *everybody*.',
    jwks_uri: 'https://agents.example/.well-known/jwks.json',
    jwks_fingerprint: null,
    implicit: false,
    added_at: inSeconds(-40_000),
  });
  state.requests.push(
    consentRequest(backend),
    consentRequest(optimizer, {
      pending_kind: 'person-token',
      code: '9XMT-04RA',
      created_at: inSeconds(-130),
      expires_at: inSeconds(470),
      scopes: [],
      needs_person_scopes: [],
      justification: null,
      reason: 'first-use-asks',
      on_behalf_of: { agent_id: backend.agent_id, agent_name: backend.agent_name },
      resource: {
        ...consentRequest(backend).resource,
        issuer: marketAnalysis,
        name: 'Market-analysis agent',
        description: 'Compares laptop stock with demand and follows the market.',
        scope_descriptions: {},
      },
    }),
  );
  state.consents.push(
    consent(backend),
    consent(optimizer, {
      resource: marketAnalysis,
      resource_name: 'Market-analysis agent',
      scopes: ['market-analysis:analyze'],
      scope_descriptions: { 'market-analysis:analyze': 'Analyse stock, demand and market trends' },
      remembered: false,
      given_at: inSeconds(-1300),
    }),
  );
  const issued = [
    token(backend),
    token(backend, { type: 'aa-person+jwt', scope: [], presented_jti: null, issued_at: inSeconds(-1210) }),
    token(optimizer, {
      audience: marketAnalysis,
      audience_name: 'Market-analysis agent',
      scope: ['market-analysis:analyze'],
      reason: 'standing-policy',
      on_behalf_of: backend.agent_id,
      issued_at: inSeconds(-1190),
      expires_at: inSeconds(2400),
    }),
    token(backend, { revoked_at: inSeconds(-3000), notice: 'told', issued_at: inSeconds(-5000) }),
    token(backend, { type: 'aa-person+jwt', scope: [], issued_at: inSeconds(-9000), expires_at: inSeconds(-5400) }),
  ];
  state.tokens.push(...issued);
  state.resources.push(
    resource({ agents: 1, live_tokens: 2 }),
    resource({
      issuer: marketAnalysis,
      name: 'Market-analysis agent',
      description: 'Compares laptop stock with demand and follows the market.',
      scope_descriptions: { 'market-analysis:analyze': 'Analyse stock, demand and market trends' },
      live_tokens: 1,
    }),
  );
  const of = (agent: typeof backend) => ({
    agent_id: agent.agent_id,
    agent_name: agent.agent_name,
    agent_provider: agent.agent_provider,
  });
  const atSupplyChain = { resource: supplyChain, resource_name: 'Supply-chain agent' };
  state.activity.push(
    activity('consent-asked', {
      ...of(backend),
      ...atSupplyChain,
      at: inSeconds(-20),
      scopes: ['supply-chain:check', 'require:user'],
      reason: 'scope-needs-person',
      justification: 'To **optimize the laptop supply chain** for the next six months.',
    }),
    activity('token-issued', {
      ...of(optimizer),
      at: inSeconds(-1190),
      resource: marketAnalysis,
      resource_name: 'Market-analysis agent',
      scopes: ['market-analysis:analyze'],
      token_type: 'aa-auth+jwt',
      reason: 'standing-policy',
    }),
    activity('token-issued', {
      ...of(backend),
      ...atSupplyChain,
      at: inSeconds(-1200),
      scopes: ['supply-chain:check', 'supply-chain:read'],
      token_type: 'aa-auth+jwt',
      jti: issued[0]?.jti ?? null,
      reason: 'consent',
    }),
    activity('consent-approved', { ...of(backend), ...atSupplyChain, at: inSeconds(-1201), via: 'cookie' }),
    activity('token-refused', {
      ...of(backend),
      ...atSupplyChain,
      at: inSeconds(-2000),
      outcome: 'refused',
      token_type: 'aa-auth+jwt',
      detail: 'The resource token had expired.',
    }),
    activity('agent-revoked', { ...of(retired), at: inSeconds(-90_000), via: 'cookie' }),
    activity('enrolment-approved', { ...of(backend), at: inSeconds(-7200), via: 'bearer' }),
    activity('signed-in', { at: inSeconds(-7300), via: 'cookie' }),
  );
}
