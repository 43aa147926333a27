import { Hono } from 'hono';
import type { SignedIn } from './sign-in.ts';

/** `/auth/me`: who is using the API. Behind `signIn`. */
export function userRoutes(): Hono<SignedIn> {
  const app = new Hono<SignedIn>();
  app.get('/me', (c) => {
    const { id, username, email, name } = c.get('user');
    return c.json({ id, username, email, name, role: 'User', is_active: true });
  });
  return app;
}
