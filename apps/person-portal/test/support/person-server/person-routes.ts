import { Hono } from 'hono';
import { refuse } from './problem.ts';
import { activity, binding } from './records.ts';
import type { Environment, Surroundings, sessionSteps } from './session-routes.ts';
import { inSeconds } from './state.ts';

const pageLength = 50;

export function personRoutes(
  { state, tell, origin }: Surroundings,
  { needsSession, checksChange }: ReturnType<typeof sessionSteps>,
): Hono<Environment> {
  const app = new Hono<Environment>();
  app.use('/person/*', needsSession);
  app.on(['POST', 'PATCH', 'DELETE'], '/person/*', checksChange);

  app.get('/person/registrations', (c) => c.json(state.registrations));
  app.post('/person/registrations/:id/:decision', (c) => {
    const { id, decision } = c.req.param();
    const found = state.registrations.find((candidate) => candidate.id === id);
    if (!found) refuse(404, 'not_found', 'This agent does not wait any more.');
    state.registrations = state.registrations.filter((candidate) => candidate !== found);
    const approved = binding(found.agent_name, { stable_key_thumbprints: [found.stable_jkt] });
    if (decision === 'approve') state.bindings.unshift(approved);
    const kind = decision === 'approve' ? 'enrolment-approved' : 'enrolment-denied';
    state.activity.unshift(activity(kind, { agent_name: found.agent_name, via: 'cookie' }));
    tell(['registrations', 'bindings', 'activity']);
    return c.json(decision === 'approve' ? { agent_id: approved.agent_id, agent_name: approved.agent_name } : {});
  });

  app.get('/person/bindings', (c) => c.json(state.bindings));
  app.post('/person/bindings/:id/revoke', (c) => {
    const found = state.bindings.find(({ agent_id: id }) => id === c.req.param('id'));
    if (!found) refuse(404, 'not_found', 'None of your agents has this identifier.');
    Object.assign(found, { revoked: true, revoked_at: inSeconds(0), live_tokens: 0 });
    tell(['bindings', 'tokens', 'activity']);
    return c.json({});
  });

  app.get('/person/trusted-agent-servers', (c) => c.json(state.providers));
  app.post('/person/trusted-agent-servers', async (c) => {
    const { issuer, display_name: name } = await c.req.json();
    if (!/^https:\/\/[a-z.]+$/.test(issuer)) {
      refuse(400, 'invalid_request', `"${issuer}" is not a server identifier: it is https and a host, nothing else.`);
    }
    const added = {
      issuer,
      display_name: name ?? new URL(issuer).host,
      description: null,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      jwks_fingerprint: null,
      implicit: false,
      added_at: inSeconds(0),
    };
    state.providers.push(added);
    tell(['providers', 'activity']);
    return c.json(added, 201);
  });
  app.delete('/person/trusted-agent-servers', (c) => {
    state.providers = state.providers.filter(({ issuer }) => issuer !== c.req.query('issuer'));
    tell(['providers', 'activity']);
    return c.body(null, 204);
  });

  app.get('/person/consents', (c) => c.json(state.consents));
  app.post('/person/consents/:id/withdraw', (c) => {
    state.consents = state.consents.filter(({ consent_id: id }) => id !== c.req.param('id'));
    tell(['consents', 'tokens', 'activity']);
    return c.json({ revoked_tokens: 1 });
  });

  app.get('/person/issued-tokens', (c) => c.json({ tokens: state.tokens, next: null }));
  app.post('/person/issued-tokens/:jti/revoke', (c) => {
    const found = state.tokens.find(({ jti }) => jti === c.req.param('jti'));
    if (!found) refuse(404, 'not_found', 'No token of yours has this id.');
    Object.assign(found, { revoked_at: inSeconds(0), notice: 'told' });
    tell(['tokens', 'bindings', 'activity']);
    return c.json({});
  });

  app.get('/person/activity', (c) => {
    const words = (c.req.query('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = c.req.query('kind')?.split(',');
    const from = Number(c.req.query('before') ?? 0);
    const found = state.activity
      .filter(({ kind }) => !kinds || kinds.includes(kind))
      .filter((entry) => words.every((word) => JSON.stringify(entry).toLowerCase().includes(word)));
    const next = found.length > from + pageLength ? String(from + pageLength) : null;
    return c.json({ entries: found.slice(from, from + pageLength), next });
  });

  app.get('/person/settings', (c) => c.json(state.settings));
  app.patch('/person/settings', async (c) => {
    Object.assign(state.settings, await c.req.json());
    tell(['settings', 'activity']);
    return c.json(state.settings);
  });
  app.get('/person/resources', (c) => c.json(state.resources));
  app.get('/person/server', (c) =>
    c.json({
      metadata: {
        issuer: origin(),
        jwks_uri: `${origin()}/.well-known/jwks.json`,
        name: 'Person Server',
        person_token_endpoint: `${origin()}/person-token`,
        auth_token_endpoint: `${origin()}/auth-token`,
        revocation_endpoint: `${origin()}/revoke`,
        accept_signature_algs: ['Ed25519', 'ES256'],
      },
      metadata_url: `${origin()}/.well-known/aauth-person.json`,
      jwks_uri: `${origin()}/.well-known/jwks.json`,
      keys: state.keys,
    }),
  );
  return app;
}
