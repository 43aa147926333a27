import { Hono } from 'hono';
import type { ConsentRequest } from '../../../src/api/consent.ts';
import { refuse } from './problem.ts';
import { consent } from './records.ts';
import type { Environment, Surroundings, sessionSteps } from './session-routes.ts';
import { inSeconds, type KeptRequest } from './state.ts';

const waiting: readonly string[] = ['pending', 'interacting', 'clarifying'];

export function consentRoutes(
  { state, tell }: Surroundings,
  { needsSession, checksChange }: ReturnType<typeof sessionSteps>,
): Hono<Environment> {
  const app = new Hono<Environment>();
  app.use('/consent', needsSession);
  app.use('/consent/*', needsSession);

  app.get('/person/requests', (c) =>
    c.json(state.requests.filter(({ status }) => waiting.includes(status)).map(published)),
  );
  app.get('/consent', (c) => {
    const code = normalized(c.req.query('code') ?? '');
    const request = state.requests.find((candidate) => normalized(candidate.code) === code);
    if (!request || (request.openedBy !== null && request.openedBy !== c.get('sessionId'))) {
      refuse(410, 'invalid_code', 'This code is not valid.');
    }
    const session = [...state.sessions.values()].find(({ id }) => id === c.get('sessionId'));
    if (request.needsSessionSince !== null && (session?.openedAt ?? '') < request.needsSessionSince) {
      refuse(401, 'reauthentication_required', 'The agent asks that you sign in again.');
    }
    request.openedBy = c.get('sessionId');
    request.callback ??= c.req.query('callback') ?? null;
    if (request.status === 'pending') {
      request.status = 'interacting';
      tell(['requests']);
    }
    return c.json(published(request));
  });
  app.get('/consent/:id', (c) => c.json(published(find(c.req.param('id')))));
  app.post('/consent/:id/decision', checksChange, async (c) => {
    const request = find(c.req.param('id'));
    const decision = await c.req.json();
    if (!waiting.includes(request.status)) {
      const members = { request_status: request.status, decided_at: request.decided_at };
      refuse(409, 'already_decided', `The request was ${request.status}.`, { members });
    }
    if ('clarification_question' in decision) {
      request.questions.push({
        question: decision.clarification_question,
        asked_at: inSeconds(0),
        answer: null,
        answered_at: null,
        updated_request: false,
      });
      request.questions_left -= 1;
      request.status = 'clarifying';
    } else {
      if (decision.scopes?.length === 0) refuse(400, 'invalid_request', 'None of what the agent asks for is granted.');
      decide(request, decision);
    }
    tell(['requests', 'consents', 'activity']);
    return c.json(published(request));
  });

  function find(id: string): KeptRequest {
    const request = state.requests.find(({ pending_id }) => pending_id === id);
    return request ?? refuse(404, 'not_found', 'There is no such request.');
  }

  function decide(request: KeptRequest, decision: { approved: boolean; scopes?: string[]; remember?: boolean }) {
    request.status = decision.approved ? 'approved' : 'denied';
    request.decided_at = inSeconds(0);
    if (decision.approved) {
      request.granted_scopes = decision.scopes ?? request.scopes;
      request.remembered = decision.remember ?? false;
      const agent = state.bindings.find(({ agent_id: id }) => id === request.agent.agent_id);
      if (agent) {
        const { granted_scopes: scopes, remembered } = request;
        state.consents.unshift(consent(agent, { scopes, remembered, live_tokens: 0, given_at: inSeconds(0) }));
      }
    }
    if (request.callback !== null) {
      request.redirect_url = decision.approved ? request.callback : `${request.callback}?error=access_denied`;
    }
  }
  return app;
}

function normalized(code: string): string {
  return code.toUpperCase().replaceAll('-', '').replaceAll(/[IL]/g, '1').replaceAll('O', '0');
}

function published({ callback, openedBy, needsSessionSince, ...request }: KeptRequest): ConsentRequest {
  return request;
}
