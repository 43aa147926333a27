import { Hono } from 'hono';

const guest = { id: 'guest', username: 'guest', email: 'guest@example.com', role: 'User', is_active: true } as const;

/** Who is using the API: a guest, until sign-in is configured. */
export function guestRoutes(): Hono {
  const app = new Hono();
  app.get('/auth/me', (c) => c.json(guest));
  app.get('/auth/health', (c) => c.json({ status: 'healthy', service: 'auth', auth: 'disabled' }));
  return app;
}
