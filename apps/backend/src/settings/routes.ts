import type { AgentSession } from '@aauth-stack/aauth/agent';
import { Hono } from 'hono';

export interface SettingsOptions {
  agentName: string;
  session: Pick<AgentSession, 'status'>;
  personServer: string;
  /** Where the person approves agents. */
  portal: string;
  /** What a page needs to have people sign in; absent when nobody has to. */
  signIn: { issuer: string; clientId: string; scope: string } | undefined;
  /** Where people look at traces. */
  jaegerUi: string | undefined;
}

/** What pages need to know before anybody signs in. */
export function settingsRoutes({ agentName, session, personServer, portal, signIn, jaegerUi }: SettingsOptions): Hono {
  const app = new Hono();

  app.get('/config', (c) =>
    c.json({
      sign_in: signIn ? { issuer: signIn.issuer, client_id: signIn.clientId, scope: signIn.scope } : null,
      person_server: { issuer: personServer, portal_url: portal },
      jaeger_url: jaegerUi ?? null,
    }),
  );

  app.get('/agents/self', (c) => {
    const { state, detail, agent } = session.status();
    const needsPerson = state === 'pending' || state === 'denied';
    return c.json({
      agent_name: agentName,
      agent: agent ?? null,
      state,
      detail,
      approve_url: needsPerson ? portal : null,
    });
  });

  app.get('/auth/health', (c) => c.json({ status: 'healthy', service: 'auth', auth: signIn ? 'oidc' : 'disabled' }));

  return app;
}
